/** Tells events of several sources in the order in which they happened, each some time late. */
export interface InOrder {
  add(atMs: number, tell: () => void): void;
  /** Tells what is left, at once. */
  flush(): void;
}

/** A line of the daemon's log comes through `tail`, and the cloud is looked at every few milliseconds. */
const LATE_MS = 300;

export function inOrder(lateMs: number = LATE_MS): InOrder {
  const waiting: { readonly atMs: number; readonly tell: () => void }[] = [];
  const tellUpTo = (limitMs: number): void => {
    waiting.sort((a, b) => a.atMs - b.atMs);
    while (waiting[0] !== undefined && waiting[0].atMs <= limitMs) waiting.shift()?.tell();
  };
  return {
    add: (atMs, tell) => {
      waiting.push({ atMs, tell });
      setTimeout(() => {
        tellUpTo(Date.now() - lateMs);
      }, lateMs + 1);
    },
    flush: () => {
      tellUpTo(Number.POSITIVE_INFINITY);
    },
  };
}

/** When something was done to instances, as far back as its limit looks. Times are milliseconds since the epoch. */
export class RecentTimes {
  readonly #withinMs: number;
  readonly #byInstance = new Map<string, readonly number[]>();

  constructor(withinMs: number) {
    this.#withinMs = withinMs;
  }

  note(id: string, atMs: number): void {
    this.#byInstance.set(id, [...this.#since(id, atMs - this.#withinMs), atMs]);
  }

  /** Oldest first. */
  of(id: string, nowMs: number): readonly number[] {
    return this.#since(id, nowMs - this.#withinMs);
  }

  #since(id: string, sinceMs: number): readonly number[] {
    return (this.#byInstance.get(id) ?? []).filter((atMs) => atMs >= sinceMs);
  }
}

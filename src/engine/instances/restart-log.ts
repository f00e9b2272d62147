/** When instances were started anew, as far back as the limit of restarts looks. Times are milliseconds since the epoch. */
export class RestartLog {
  readonly #withinMs: number;
  readonly #byInstance = new Map<string, readonly number[]>();

  constructor(withinMs: number) {
    this.#withinMs = withinMs;
  }

  note(id: string, atMs: number): void {
    this.#byInstance.set(id, [...this.#since(id, atMs - this.#withinMs), atMs]);
  }

  count(id: string, nowMs: number): number {
    return this.#since(id, nowMs - this.#withinMs).length;
  }

  #since(id: string, sinceMs: number): readonly number[] {
    return (this.#byInstance.get(id) ?? []).filter((atMs) => atMs >= sinceMs);
  }
}

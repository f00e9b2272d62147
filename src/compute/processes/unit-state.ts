/** A row of systemd's ListUnitsByNames. */
export interface UnitRow {
  /** As it was asked for; `id` is what systemd calls it, which differs for an alias. */
  readonly name: string;
  readonly id: string;
  readonly path: string;
  readonly loadState: string;
  readonly activeState: string;
  readonly subState: string;
  /** What is to be done with it or is being done: `start`, `stop`, `restart` …; empty for nothing. */
  readonly job: string;
}

/**
 * How a service that does not run has ended. Times are microseconds of systemd's own clock, which does not jump; 0 for never in
 * this boot, or since systemd has forgotten the unit: it unloads one that is down, has not failed and is needed by nobody.
 */
export interface UnitEnding {
  readonly activeEnterUs: number;
  readonly activeExitUs: number;
  readonly mainStartUs: number;
  readonly mainExitUs: number;
  /** `success`, `exit-code`, `signal`, `core-dump`, `timeout`, `watchdog`, `oom-kill`, `start-limit-hit` … */
  readonly result: string;
  /** As waitid(2) has it: 1 exited, 2 killed, 3 dumped core; 0 for nothing. */
  readonly mainCode: number;
  /** Its exit status, or the number of the signal. */
  readonly mainStatus: number;
  /** Units that start it when something comes in for it, its sockets mostly. */
  readonly triggeredBy: readonly UnitRow[];
  /** Units with which it is stopped when they go. */
  readonly bindsTo: readonly UnitRow[];
}

/** What was heard of a unit beside what it says of itself. */
export type Heard =
  /** It was seen running, and every signal since was heard: with or without a job that had to do with it. */
  | { readonly kind: 'all'; readonly jobs: 'none' | 'some' }
  /** Not seen running yet, or deaf for some time since. */
  | { readonly kind: 'gaps' };

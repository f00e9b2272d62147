/** A failure that another system is to be told of. Times are milliseconds since the epoch. */
export interface Report {
  /** One failure has one proof, and one report. */
  readonly proofId: string;
  /** As Nova names it. */
  readonly host: string;
  readonly node: string;
  readonly fencedAtMs: number;
  readonly lostSinceMs: number;
  readonly takenAtMs: number;
  readonly state: ReportState;
  /** Why it stands as it does, in words. */
  readonly reason: string | undefined;
  /** When it was told, or dropped. */
  readonly settledAtMs: number | undefined;
}

export const REPORT_STATES = {
  waiting: 'is on disk, and was not taken yet',
  told: 'was taken',
  dropped: 'is not told any more; the reason says why',
} as const;

export type ReportState = keyof typeof REPORT_STATES;

export interface Settlement {
  readonly state: Exclude<ReportState, 'waiting'>;
  readonly reason: string | undefined;
  readonly atMs: number;
}

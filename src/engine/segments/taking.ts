/** The states of a reserved host that was taken, each in one sentence. */
export const TAKING_STATES = {
  taking: 'is being added to aggregates and enabled',
  taken: 'is enabled, and instances of a failed host may be sent to it',
  'giving-back': 'is being disabled and taken out of the aggregates again',
} as const;

export type TakingState = keyof typeof TAKING_STATES;

/** A reserved host that a recovery uses. On disk before anything is changed in Nova, so that all of it is given back. */
export interface Taking {
  readonly host: string;
  readonly serviceId: string;
  /** Whose failure it was taken for. */
  readonly failedHost: string;
  readonly state: TakingState;
  /** It was enabled already: giving it back leaves it so. */
  readonly wasEnabled: boolean;
  readonly formerReason: string | undefined;
  /** Ids of the aggregates that it is added to; it was in none of them before. */
  readonly aggregates: readonly string[];
  readonly sinceMs: number;
}

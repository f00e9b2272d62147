/** A report in the words of Masakari's API, whose schema allows no more payload fields than these. */
export interface MonitorNotification {
  readonly type: 'VM' | 'PROCESS';
  /** The compute host as Nova names it. */
  readonly hostname: string;
  /** UTC without a zone, as the original's monitors write it. */
  readonly generated_time: string;
  readonly payload: Readonly<Record<string, string>>;
}

/** Whether a watch would hear of a failure now: for crm_mon and the monitor's own status. */
export type Sight =
  { readonly kind: 'watching'; readonly sentence: string } | { readonly kind: 'blind'; readonly sentence: string };

/** A watch runs until it is stopped and survives everything on the other side of its socket. */
export interface Watch {
  readonly sight: () => Sight;
  /** Nothing is told after this. */
  readonly stop: () => void;
}

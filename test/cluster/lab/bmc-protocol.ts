/** One JSON line to the virtual BMC's socket, one JSON line back. The fence agent speaks it as well. */
export type PowerAction = 'on' | 'off' | 'reboot';
export type Power = 'on' | 'off';

/** `by: hand` is the operator at the machine: it works in every mode, and is no fencing. */
export type BmcRequest =
  | { readonly op: PowerAction | 'status'; readonly node: string; readonly by?: 'hand' }
  | { readonly op: 'list' }
  | { readonly op: 'mode'; readonly node: string; readonly mode: string };

export type BmcAnswer =
  | { readonly ok: true; readonly power?: Power; readonly nodes?: Readonly<Record<string, Power>> }
  | { readonly ok: false; readonly error: string };

/** What truly happened to a node's power, with the BMC's own clock. One JSON line each in the power log. */
export interface PowerEvent {
  /** Milliseconds since the epoch. */
  readonly atMs: number;
  /** A node's name, or `*` for a mode of all nodes. */
  readonly node: string;
  readonly event: 'request' | 'off-begin' | 'off-done' | 'on-begin' | 'on-done' | 'answer' | 'mode' | 'failed';
  /** With `request` and `answer`. */
  readonly action?: PowerAction;
  /** The mode as text, with `request` and `mode`. */
  readonly mode?: string;
  /** What the caller was told, with `answer`. */
  readonly ok?: boolean;
  /** Why an act that was begun did not succeed, with `failed`. */
  readonly reason?: string;
}

/**
 * What can go wrong with a lab once its machine is fit for one. A machine that is not fit is a LifeboatError
 * LAB_UNAVAILABLE instead: the remedy is then in test/cluster/README.md and not in the caller's code.
 */
export type LabErrorKind =
  | 'bad-argument'
  | 'unknown-node'
  | 'node-off'
  | 'in-use'
  | 'not-up'
  | 'boot-failed'
  | 'bmc'
  | 'command-failed'
  | 'timed-out';

export class LabError extends Error {
  override readonly name = 'LabError';
  readonly kind: LabErrorKind;

  constructor(kind: LabErrorKind, message: string, options?: { readonly cause?: unknown }) {
    super(message, options);
    this.kind = kind;
  }
}

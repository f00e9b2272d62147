import type { Report } from '../spool/report.ts';

/** What became of one try to deliver a report. */
export type Delivery =
  /** It is on the engine's disk, by this try or an earlier one. */
  | { readonly kind: 'taken'; readonly said: string }
  /** It will never be taken as it is. */
  | { readonly kind: 'refused'; readonly said: string }
  /** It may be taken the next time. It may also have been taken: nobody knows. */
  | {
      readonly kind: 'trouble';
      readonly said: string;
      readonly remedy: string;
      /** As long as the API has asked for, at the least. */
      readonly notBeforeMs?: number;
    };

/** Never rejects but with the signal's reason. */
export type Deliver = (report: Report, signal: AbortSignal) => Promise<Delivery>;

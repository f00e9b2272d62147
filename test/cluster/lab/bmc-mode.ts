import { LabError } from './lab-error.ts';

/** How the virtual BMC treats the fencing requests for a node. Requests by hand always work. */
export type BmcMode =
  /** Does what it is asked. */
  | { readonly kind: 'ok' }
  /** Answers every request with an error and does nothing. */
  | { readonly kind: 'fail' }
  /** Keeps a request, and does and answers it only when the mode changes; also when the caller has long gone. */
  | { readonly kind: 'hang' }
  /** Does and answers after some seconds. */
  | { readonly kind: 'slow'; readonly seconds: number }
  /** Answers "done" and does nothing. */
  | { readonly kind: 'lie' }
  /** Switches off, and fails to switch on again: a reboot ends with the node down. */
  | { readonly kind: 'norestart' }
  /** Never answers, so that the caller gives up; after some seconds does it all the same, once for all that ask meanwhile, whatever the mode is by then. */
  | { readonly kind: 'late'; readonly seconds: number };

export const BMC_MODES = 'ok, fail, hang, slow:SECONDS, lie, norestart, late:SECONDS';

/** Throws LabError `bad-argument` for anything that is not one of `BMC_MODES`. */
export function parseBmcMode(text: string): BmcMode {
  switch (text) {
    case 'ok':
    case 'fail':
    case 'hang':
    case 'lie':
    case 'norestart':
      return { kind: text };
    default: {
      const [, kind, seconds] = /^(slow|late):(\d+(?:\.\d+)?)$/.exec(text) ?? [];
      if (kind === 'slow' || kind === 'late') return { kind, seconds: Number(seconds) };
      throw new LabError('bad-argument', `"${text}" is no mode of the BMC; there are ${BMC_MODES}`);
    }
  }
}

import { isLifeboatError } from '../errors.ts';
import type { Clock } from '../ports.ts';
import type { Http } from './http.ts';

/** How often one kind of request ended in one way. */
export interface CallCount {
  readonly service: CloudService;
  readonly method: string;
  /** The status of the answer, the code of the error, or "given up" when whoever asked did not wait for it. */
  readonly outcome: string;
  readonly count: number;
  /** Of all of them together. */
  readonly totalMs: number;
}

export type CloudService = 'keystone' | 'nova' | 'placement' | 'glance' | 'masakari';

/** Counts the requests to OpenStack. */
export class CallBook {
  readonly #counts = new Map<string, CallCount>();
  readonly #clock: Clock;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  get counts(): readonly CallCount[] {
    return [...this.#counts.values()];
  }

  /** The same, with each request counted as one to this service. */
  counted(http: Http, service: CloudService): Http {
    return {
      send: async (call) => {
        const beganAtMs = this.#clock.monotonic();
        const note = (outcome: string): void => {
          this.#note({ service, method: call.method, outcome }, this.#clock.monotonic() - beganAtMs);
        };
        try {
          const reply = await http.send(call);
          note(String(reply.status));
          return reply;
        } catch (error) {
          note(isLifeboatError(error) ? error.code : 'given up');
          throw error;
        }
      },
      close: () => {
        http.close();
      },
    };
  }

  #note(what: Pick<CallCount, 'service' | 'method' | 'outcome'>, tookMs: number): void {
    const key = `${what.service} ${what.method} ${what.outcome}`;
    const { count, totalMs } = this.#counts.get(key) ?? { count: 0, totalMs: 0 };
    this.#counts.set(key, { ...what, count: count + 1, totalMs: totalMs + tookMs });
  }
}

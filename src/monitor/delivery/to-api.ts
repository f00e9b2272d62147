import { isLifeboatError, messageOf } from '../../errors.ts';
import { versioned } from '../../openstack/masakari-address.ts';
import type { Report } from '../spool/report.ts';
import type { Credential } from './credential.ts';
import type { Deliver, Delivery } from './delivery.ts';
import type { Post } from './post.ts';
import { readAnswer, trouble } from './read-answer.ts';

export interface ToApiPorts {
  /** Base URLs, one for each controller or one for all; tried in turn. */
  readonly addresses: (signal: AbortSignal) => Promise<readonly string[]>;
  readonly credential: Credential;
  readonly post: Post;
}

/** Names a report to an engine that keeps no second one of the same name; Masakari does not look at it. */
export const REPORT_HEADER = 'x-lifeboat-report';

/** Delivers to the API of the engine, wherever it runs: the address that took the last report is asked first. */
export function toApi(ports: ToApiPorts): Deliver {
  let first: string | undefined;
  return async (report, signal) => {
    try {
      const addresses = await ports.addresses(signal);
      const inTurn = addresses.toSorted((a, b) => Number(b === first) - Number(a === first));
      const outcome = await tryAll(ports, report, inTurn, signal);
      first = outcome.address ?? first;
      return outcome.delivery;
    } catch (error) {
      signal.throwIfAborted();
      return trouble(messageOf(error), isLifeboatError(error) ? error.hint : 'see the log of the monitor');
    }
  };
}

interface Outcome {
  /** Where it was settled. */
  readonly address?: string;
  readonly delivery: Delivery;
}

async function tryAll(
  ports: ToApiPorts,
  report: Report,
  addresses: readonly string[],
  signal: AbortSignal,
): Promise<Outcome> {
  const troubles: Extract<Delivery, { kind: 'trouble' }>[] = [];
  for (const address of addresses) {
    const delivery = await tryOne(ports, report, address, signal);
    if (delivery.kind !== 'trouble') return { address, delivery };
    troubles.push({ ...delivery, said: `${address}: ${delivery.said}` });
  }
  // The engine runs on one controller, and the others refuse to connect: who has answered knows more.
  const answered = troubles.filter(({ said }) => said.includes(ANSWERED));
  const told = answered.length > 0 ? answered : troubles;
  return {
    delivery: {
      ...trouble(told.map(({ said }) => said).join('; '), told[0]?.remedy ?? 'name addresses in api.addresses'),
      notBeforeMs: Math.max(0, ...troubles.map(({ notBeforeMs = 0 }) => notBeforeMs)),
    },
  };
}

const ANSWERED = ': it answers ';
const SILENT = 'see with crm_mon whether the engine runs, and whether this host reaches it; nothing is lost meanwhile';

async function tryOne(ports: ToApiPorts, report: Report, address: string, signal: AbortSignal): Promise<Delivery> {
  const { credential, post } = ports;
  for (let tries = 1; ; tries += 1) {
    const token = await credential.token(signal);
    const reply = await post({
      url: `${versioned(address)}/notifications`,
      headers: { 'x-auth-token': token, [REPORT_HEADER]: report.id },
      body: { notification: report.notification },
      signal,
    }).catch((error: unknown) => messageOf(error));
    signal.throwIfAborted();
    if (typeof reply === 'string') return trouble(reply, SILENT);
    if (reply.status !== 401) return readAnswer(reply, report.notification.hostname);
    if (tries > 1 || !credential.refused(token)) return trouble('it answers 401', credential.remedy);
  }
}

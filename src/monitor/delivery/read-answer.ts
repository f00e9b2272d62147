import type { Delivery } from './delivery.ts';
import type { PostReply } from './post.ts';

/**
 * What the API's answer to a report means. Only an answer in Masakari's own shape settles a report: a proxy on the way may
 * say 400 to anything.
 */
export function readAnswer({ body, headers, status }: PostReply, hostname: string): Delivery {
  const said = saidIn(body);
  if (status === 202) return { kind: 'taken', said: 'the engine has it' };
  if (status === 409 && said !== undefined) return { kind: 'taken', said };
  if (status === 400 && said !== undefined && isOfUnknownHost(said)) {
    return trouble(
      said,
      `put ${hostname} into a segment: openstack segment host create; or correct host in monitor.yaml`,
    );
  }
  if ([400, 413, 422].includes(status) && said !== undefined) return { kind: 'refused', said };
  const told = `it answers ${status}${said === undefined ? '' : `: ${said}`}`;
  switch (status) {
    case 403:
      return trouble(
        told,
        'give the user of the monitors the role lifeboat_monitor; or the key of this host is of another',
      );
    case 404:
      return trouble(told, 'check api.addresses in monitor.yaml: that is no API of Lifeboat or Masakari');
    case 429:
    case 503:
      return { ...trouble(told, 'it goes on by itself; see the log of lifeboatd'), notBeforeMs: retryAfterMs(headers) };
    default:
      return trouble(told, 'see the log of lifeboatd');
  }
}

export function trouble(said: string, remedy: string): Extract<Delivery, { kind: 'trouble' }> {
  return { kind: 'trouble', said, remedy };
}

/** In Masakari's words. It goes away when the engine has seen the host, or somebody has put it into a segment. */
function isOfUnknownHost(said: string): boolean {
  return /^Host with name .* could not be found/.test(said);
}

/** {"badRequest": {"code": 400, "message": "…"}}, in one line; undefined when it is something else. */
function saidIn(body: unknown): string | undefined {
  const [fault] = isMap(body) ? Object.values(body) : [];
  const message = isMap(fault) ? fault.message : undefined;
  if (typeof message !== 'string') return undefined;
  return message.replaceAll(/[\p{Cc}\s]+/gu, ' ').slice(0, 300);
}

function isMap(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function retryAfterMs(headers: PostReply['headers']): number {
  const text = headers['retry-after'] ?? '';
  return /^\d{1,6}$/.test(text) ? Number(text) * 1_000 : 0;
}

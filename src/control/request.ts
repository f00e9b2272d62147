import type { ControlRequest } from './protocol.ts';

/** The longest request, in bytes: an alert's variables are a few kilobytes. */
export const REQUEST_LIMIT = 65_536;

export type Parsed =
  | { readonly outcome: 'request'; readonly request: ControlRequest }
  | { readonly outcome: 'bad'; readonly reason: string };

/** One line from a stranger. Everything that is not exactly a request is refused with its reason. */
export function parseRequest(line: string): Parsed {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    return bad('the line is not JSON');
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return bad('the line is not a JSON object');
  const op = 'op' in value ? value.op : undefined;
  switch (op) {
    case 'health':
    case 'status':
      return { outcome: 'request', request: { op } };
    case 'plan':
      return parsePlan('host' in value ? value.host : undefined);
    case 'wake':
      return parseWake('alert' in value ? value.alert : {});
    default:
      return bad('op must be wake, health, status or plan');
  }
}

function parseWake(alert: unknown): Parsed {
  if (typeof alert !== 'object' || alert === null || Array.isArray(alert)) return bad('alert must be an object');
  const entries = Object.entries(alert);
  if (!entries.every((entry): entry is [string, string] => typeof entry[1] === 'string')) {
    return bad('alert must hold only strings');
  }
  return { outcome: 'request', request: { op: 'wake', alert: Object.fromEntries(entries) } };
}

function parsePlan(host: unknown): Parsed {
  if (typeof host !== 'string' || host === '') return bad('host must be the name of a host');
  return { outcome: 'request', request: { op: 'plan', host } };
}

function bad(reason: string): Parsed {
  return { outcome: 'bad', reason };
}

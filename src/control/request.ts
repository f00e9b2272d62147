import type { Order } from './protocol.ts';
import { parseHistory } from './parse-history.ts';
import { parseImport } from './parse-import.ts';
import { bad, isLine, type Parsed } from './parsed.ts';

/** The longest request, in bytes: an alert's variables are a few kilobytes, a segment of some thousand hosts is less than this. */
export const REQUEST_LIMIT = 1_048_576;

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
    case 'pause':
    case 'resume':
    case 'proceed':
    case 'retry':
    case 'cancel':
    case 'acknowledge':
      return parseOrder(op, value);
    case 'import':
      return parseImport(value);
    case 'import-history':
      return parseHistory(value);
    default:
      return bad(
        'op must be wake, health, status, plan, pause, resume, proceed, retry, cancel, acknowledge, import or import-history',
      );
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

function parseOrder(op: Exclude<Order['op'], 'import' | 'import-history'>, value: object): Parsed {
  const { by, reason, target, hosts } = value as Readonly<Record<string, unknown>>;
  if (!isLine(by)) return bad('by must be one line of at most 200 characters');
  if (reason !== undefined && !isLine(reason)) return bad('reason must be one line of at most 200 characters');
  const why = reason === undefined ? {} : { reason };
  switch (op) {
    case 'pause':
      if (reason === undefined) return bad('pause needs a reason');
      return { outcome: 'request', request: { op, by: by.replaceAll(/\s/g, '_'), reason } };
    case 'resume':
      return { outcome: 'request', request: { op, by } };
    case 'proceed':
      if (!Array.isArray(hosts) || !hosts.every(isLine)) return bad('hosts must be a list of names');
      return { outcome: 'request', request: { op, hosts, by, ...why } };
    case 'retry':
    case 'cancel':
    case 'acknowledge':
      if (!isLine(target)) return bad('target must be one line of at most 200 characters');
      return { outcome: 'request', request: { op, target, by, ...why } };
  }
}

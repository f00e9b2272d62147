/**
 * What one alert said, for a log line and nothing else: an alert may be lost, doubled or reordered, so no decision rests
 * on it (the state is always read whole). Hence nothing here throws; what cannot be read is undefined.
 */
export type AlertMessage =
  | NodeAlert
  | FencingAlert
  | ResourceAlert
  | AttributeAlert
  | { readonly kind: 'unknown'; readonly node: string | undefined; readonly desc: string | undefined };

interface AlertBase {
  /** The node that the event is about. */
  readonly node: string | undefined;
  readonly desc: string | undefined;
}

/** `desc` is "lost" or "member". */
export interface NodeAlert extends AlertBase {
  readonly kind: 'node';
}

/** Parsed from the description: there are no variables for these. */
export interface FencingAlert extends AlertBase {
  readonly kind: 'fencing';
  /** 0 for success; else a negative errno. */
  readonly rc: number | undefined;
  readonly action: string | undefined;
  readonly target: string | undefined;
  /** Who did it: a cluster node, or "a human". */
  readonly delegate: string | undefined;
  readonly client: string | undefined;
  readonly origin: string | undefined;
  /** OK, Error, "Timed Out (reason)" … */
  readonly result: string | undefined;
  /** The same on all nodes that report this fencing. */
  readonly ref: string | undefined;
}

export interface ResourceAlert extends AlertBase {
  readonly kind: 'resource';
  readonly rc: number | undefined;
  readonly resource: string | undefined;
  readonly task: string | undefined;
  readonly intervalMs: number | undefined;
}

export interface AttributeAlert extends AlertBase {
  readonly kind: 'attribute';
  readonly name: string | undefined;
  readonly value: string | undefined;
}

/** `environment` holds the CRM_alert_* variables that Pacemaker gives an alert agent. */
export function parseAlert(environment: Readonly<Record<string, string | undefined>>): AlertMessage {
  const text = (name: string): string | undefined => environment[`CRM_alert_${name}`] || undefined;
  const about = { node: text('node'), desc: text('desc') };
  switch (text('kind')) {
    case 'node':
      return { kind: 'node', ...about };
    case 'fencing':
      return { kind: 'fencing', ...about, rc: integerOf(text('rc')), ...operationOf(about.desc ?? '') };
    case 'resource': {
      const operation = { resource: text('rsc'), task: text('task'), intervalMs: integerOf(text('interval')) };
      return { kind: 'resource', ...about, rc: integerOf(text('rc')), ...operation };
    }
    case 'attribute':
      return { kind: 'attribute', ...about, name: text('attribute_name'), value: text('attribute_value') };
    default:
      return { kind: 'unknown', ...about };
  }
}

function integerOf(text: string | undefined): number | undefined {
  return text !== undefined && /^-?\d{1,9}$/.test(text) ? Number(text) : undefined;
}

/** "Operation ACTION of TARGET by DELEGATE for CLIENT@ORIGIN: RESULT (ref=UUID)". */
const OPERATION = /^Operation (\S+) of (\S+) by (.+) for (\S+)@([^\s@]+): (.+?)(?: \(ref=([^()]*)\))?$/s;

function operationOf(desc: string): Omit<FencingAlert, 'kind' | 'rc' | keyof AlertBase> {
  const [, action, target, delegate, client, origin, result, ref] = OPERATION.exec(desc) ?? [];
  return { action, target, delegate, client, origin, result, ref };
}

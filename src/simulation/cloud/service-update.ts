import { novaError } from './answer.ts';
import type { Answer } from './answer.ts';
import { serviceBody } from './bodies.ts';
import type { Microversion } from './bodies.ts';
import { computeAnswers, serviceState } from './heartbeat.ts';
import type { Host, World } from './world.ts';

const KNOWN = ['status', 'disabled_reason', 'forced_down'];

/** PUT os-services/{uuid}, with the two traps seen on a real Nova: the blocked worker and the refused unforce. */
export async function updateService(world: World, id: string, body: unknown, version: Microversion): Promise<Answer> {
  if (!/^[0-9a-f]{8}(-?[0-9a-f]{4}){3}-?[0-9a-f]{12}$/i.test(id)) return novaError(400, `Invalid uuid ${id}`);
  const host = [...world.hosts.values()].find((candidate) => candidate.serviceId === id);
  if (host === undefined) return novaError(404, `Service ${id} could not be found.`);
  const change = typeof body === 'object' && body !== null ? (body as Record<string, unknown>) : {};
  const refusal = version < 2053 ? refuseOldBody(change) : refuse(world, host, change);
  if (refusal !== undefined) return refusal;
  const before = JSON.stringify([host.status, host.disabledReason, host.forcedDown]);
  if (change.forced_down !== undefined) host.forcedDown = flagOf(change.forced_down) === true;
  const status = change.status;
  if (status === 'enabled' || status === 'disabled') {
    host.status = status;
    host.disabledReason = status === 'disabled' ? ((change.disabled_reason as string | undefined) ?? null) : null;
  }
  const changed = JSON.stringify([host.status, host.disabledReason, host.forcedDown]) !== before;
  if (changed) host.lastPutMs = world.clock.now();
  if (status !== undefined) await tellCompute(world, host);
  return { status: 200, body: { service: serviceBody(world, host, version, changed ? 'precise' : 'stored') } };
}

function refuse(world: World, host: Host, change: Record<string, unknown>): Answer | undefined {
  const unknown = Object.keys(change).find((key) => !KNOWN.includes(key));
  if (unknown !== undefined) {
    return novaError(400, `Additional properties are not allowed ('${unknown}' was unexpected)`);
  }
  const reason = change.disabled_reason;
  if (typeof reason === 'string' && (reason.length > 255 || reason.length === 0)) {
    const why = `'${reason}' is too ${reason.length === 0 ? 'short' : 'long'}`;
    return novaError(400, `Invalid input for field/attribute disabled_reason. Value: ${reason}. ${why}`);
  }
  const { status } = change;
  if (status !== undefined && status !== 'enabled' && status !== 'disabled') {
    return novaError(400, `Invalid input for field/attribute status. Value: ${JSON.stringify(status)}.`);
  }
  if (change.forced_down !== undefined && flagOf(change.forced_down) === undefined) {
    return novaError(
      400,
      `Invalid input for field/attribute forced_down. Value: ${JSON.stringify(change.forced_down)}.`,
    );
  }
  if (typeof reason === 'string' && status === 'enabled') {
    return novaError(400, "Specifying 'disabled_reason' with status 'enabled' is invalid.");
  }
  if (status === undefined && change.forced_down === undefined) {
    return novaError(400, "No updates were requested. Fields 'status' or 'forced_down' should be specified.");
  }
  const remaining = world.migrations.some((m) => m.sourceHost === host.name && m.status === 'done');
  if (flagOf(change.forced_down) === false && remaining) {
    return novaError(
      400,
      `Unable to force up host ${host.name} as \`done\` evacuation migration records remain associated with the host. ` +
        'Ensure the compute service has been restarted, allowing these records to move to `completed` before ' +
        'retrying this request.',
    );
  }
  return undefined;
}

/** Nova's schema for flags takes texts too. */
function flagOf(value: unknown): boolean | undefined {
  if (typeof value === 'boolean') return value;
  if (typeof value !== 'string') return undefined;
  if (/^(true|1|on|yes)$/i.test(value)) return true;
  return /^(false|0|off|no)$/i.test(value) ? false : undefined;
}

/** Before 2.53 the service is named in the body. */
function refuseOldBody(change: Record<string, unknown>): Answer {
  const missing = ['host', 'binary'].find((key) => change[key] === undefined);
  if (missing !== undefined) return novaError(400, `'${missing}' is a required property`);
  return novaError(404, 'Unknown action');
}

/** Nova calls the compute service of a changed host unless it knows it to be down, and waits for the answer. */
async function tellCompute(world: World, host: Host): Promise<void> {
  if (serviceState(world, host) === 'down' || computeAnswers(world, host)) return;
  await new Promise<void>((resolve) => {
    world.clock.schedule(world.options.rpcTimeoutMs, resolve);
  });
}

import type { CloudLab } from '../lab/cloud-lab.ts';
import type { NovaClient, NovaServer } from '../support/nova-client.ts';
import { eventually } from '../../support/eventually.ts';

/** What bringing an instance into a state needs of the lab. */
export type StateLab = Pick<CloudLab, 'imageId' | 'flavorId' | 'sql'>;

export interface Stage {
  readonly nova: NovaClient;
  readonly lab: StateLab;
  /** The host that will die. */
  readonly host: string;
  /** A host that stays alive. */
  readonly otherHost: string;
  /** A host that dies together with the first. */
  readonly thirdHost: string;
}

/**
 * How an instance comes into a state, in up to three moments: where it is created (default: on the host), what is done
 * while the host is alive, and what is called while its nova-compute is frozen (SIGSTOP), so that the call is accepted and
 * waits in its queue. After that the host is killed.
 */
export interface StateRecipe {
  /** As Nova's vm_state and task_state show it, or what else is special. */
  readonly name: string;
  readonly bornOn?: 'host' | 'otherHost' | 'thirdHost';
  /** The database is told what no call of the API brings about reliably. */
  readonly bySql?: true;
  /** Added to the body of the create request. */
  readonly extra?: object;
  readonly alive?: (id: string, stage: Stage) => Promise<void>;
  readonly frozen?: (id: string, stage: Stage) => Promise<void>;
}

export const STATE_RECIPES: readonly StateRecipe[] = [
  { name: 'active' },
  { name: 'stopped', alive: (id, stage) => reach(stage, id, { 'os-stop': null }, 'stopped') },
  { name: 'error', alive: (id, stage) => reach(stage, id, { 'os-resetState': { state: 'error' } }, 'error') },
  { name: 'paused', alive: (id, stage) => reach(stage, id, { pause: null }, 'paused') },
  { name: 'suspended', alive: (id, stage) => reach(stage, id, { suspend: null }, 'suspended') },
  { name: 'rescued', alive: (id, stage) => reach(stage, id, { rescue: {} }, 'rescued') },
  // Stays on its host with [compute]shelved_offload_time = -1 only; by default Nova offloads it at once.
  { name: 'shelved', alive: (id, stage) => reach(stage, id, { shelve: null }, 'shelved') },
  {
    name: 'shelved_offloaded',
    alive: async (id, stage) => {
      await reach(stage, id, { shelve: null }, 'shelved', 'shelved_offloaded');
      const shown = await stage.nova.server(id);
      if (shown?.vmState === 'shelved') await reach(stage, id, { shelveOffload: null }, 'shelved_offloaded');
    },
  },
  // Needs [DEFAULT]reclaim_instance_interval > 0; by default a delete is final.
  { name: 'soft-delete', alive: (id, stage) => remove(stage, id, 'soft-delete') },
  { name: 'resized, source alive', bornOn: 'otherHost', alive: (id, stage) => migrate(stage, id) },
  { name: 'resized, source dead too', bornOn: 'thirdHost', alive: (id, stage) => migrate(stage, id) },
  {
    name: 'resized, was stopped',
    bornOn: 'otherHost',
    alive: async (id, stage) => {
      await reach(stage, id, { 'os-stop': null }, 'stopped');
      await migrate(stage, id);
    },
  },
  // A real one: a slow spawn (setSpawnDelay) on the host while it dies. It was never launched, and Nova refuses it in any
  // state. By SQL it was launched before, and a reset lets it pass.
  {
    name: 'building',
    bySql: true,
    frozen: (id, { lab }) =>
      run(lab, `UPDATE instances SET vm_state='building', task_state='spawning', launched_at=NULL WHERE uuid='${id}'`),
  },
  // Nova finishes a delete on a host that is known to be down by itself; this one came before that was known.
  {
    name: 'deleting',
    bySql: true,
    frozen: (id, { lab }) => run(lab, `UPDATE instances SET task_state='deleting' WHERE uuid='${id}'`),
  },
  { name: 'powering-off, queued', frozen: (id, stage) => call(stage, id, { 'os-stop': null }) },
  {
    name: 'powering-on, queued',
    alive: (id, stage) => reach(stage, id, { 'os-stop': null }, 'stopped'),
    frozen: (id, stage) => call(stage, id, { 'os-start': null }),
  },
  { name: 'rebooting, queued', frozen: (id, stage) => call(stage, id, { reboot: { type: 'SOFT' } }) },
  { name: 'rebooting_hard, queued', frozen: (id, stage) => call(stage, id, { reboot: { type: 'HARD' } }) },
  { name: 'pausing, queued', frozen: (id, stage) => call(stage, id, { pause: null }) },
  { name: 'suspending, queued', frozen: (id, stage) => call(stage, id, { suspend: null }) },
  {
    name: 'resuming, queued',
    alive: (id, stage) => reach(stage, id, { suspend: null }, 'suspended'),
    frozen: (id, stage) => call(stage, id, { resume: null }),
  },
  { name: 'rescuing, queued', frozen: (id, stage) => call(stage, id, { rescue: {} }) },
  { name: 'image_snapshot_pending, queued', frozen: (id, stage) => call(stage, id, { createImage: { name: id } }) },
  {
    name: 'resize_prep, queued',
    frozen: (id, stage) => call(stage, id, { migrate: { host: stage.otherHost } }),
  },
  // nova-compute had begun with it: what a host shows that dies in the middle of a stop.
  {
    name: 'powering-off, taken',
    bySql: true,
    alive: async (id, stage) => {
      await reach(stage, id, { 'os-stop': null }, 'stopped');
      await run(stage.lab, `UPDATE instances SET vm_state='active', task_state='powering-off' WHERE uuid='${id}'`);
    },
  },
  { name: 'locked by its owner', alive: (id, stage) => call(stage, id, { lock: null }) },
  {
    name: 'locked by an administrator',
    bySql: true,
    alive: async (id, stage) => {
      await call(stage, id, { lock: { locked_reason: 'a test' } });
      // The lab's only user is both; what differs is what Nova remembers.
      await run(stage.lab, `UPDATE instances SET locked_by='admin' WHERE uuid='${id}'`);
    },
  },
];

/** Created with a server group or a place of its own; by name as above. */
export async function recipesWithGroups({ nova, host }: Stage): Promise<readonly StateRecipe[]> {
  const group = async (policy: string): Promise<string> => {
    const made = await nova.must('POST', '/os-server-groups', { server_group: { name: policy, policy } });
    return made.server_group?.id as string;
  };
  const hints = async (policy: string): Promise<object> => ({ 'os:scheduler_hints': { group: await group(policy) } });
  return [
    { name: 'in an affinity group', extra: await hints('affinity') },
    { name: 'in an anti-affinity group', extra: await hints('anti-affinity') },
    { name: 'pinned to its host', extra: { pinned: `nova:${host}` } },
  ];
}

/** Asks Nova for the instance; `untilBuilt` waits for it. */
export async function create(stage: Stage, recipe: StateRecipe): Promise<string> {
  const { lab, nova } = stage;
  const { pinned, ...hints } = (recipe.extra ?? {}) as { readonly pinned?: string };
  const place = pinned === undefined ? { host: stage[recipe.bornOn ?? 'host'] } : { availability_zone: pinned };
  const server = { name: recipe.name, imageRef: lab.imageId, flavorRef: lab.flavorId, networks: 'none', ...place };
  // From 2.74 on a host can be named; before, only by its zone.
  const made = await nova.must('POST', '/servers', { server, ...hints }, pinned === undefined ? '2.90' : '2.67');
  return made.server?.id as string;
}

/** Until nothing in the cloud is being built any more. */
export async function untilBuilt(nova: NovaClient): Promise<void> {
  await eventually(
    'everything is built',
    async () => (await nova.must('GET', '/servers?all_tenants=1&status=BUILD')).servers?.length === 0,
    { withinMs: 300_000, everyMs: 1_000 },
  );
}

async function reach(stage: Stage, id: string, action: object, ...vmStates: readonly string[]): Promise<void> {
  await call(stage, id, action);
  await shows(stage, id, (shown) => vmStates.includes(shown.vmState));
}

/** Onto the host, by a cold migration, which is a resize with the same flavor. */
async function migrate(stage: Stage, id: string): Promise<void> {
  await reach(stage, id, { migrate: { host: stage.host } }, 'resized');
}

async function remove(stage: Stage, id: string, vmState: string): Promise<void> {
  await stage.nova.must('DELETE', `/servers/${id}`);
  await shows(stage, id, (shown) => shown.vmState === vmState);
}

async function call({ nova }: Stage, id: string, action: object): Promise<void> {
  const { status, message } = await nova.act(id, action);
  if (status >= 300) throw new Error(`${JSON.stringify(action)} on ${id}: ${status} ${message ?? ''}`);
}

async function run(lab: StateLab, statement: string): Promise<void> {
  await lab.sql('nova', statement);
}

async function shows({ nova }: Stage, id: string, is: (shown: NovaServer) => boolean): Promise<void> {
  await eventually(
    `${id} is there`,
    async () => {
      const shown = await nova.server(id);
      return shown !== undefined && shown.taskState === undefined && is(shown);
    },
    { withinMs: 240_000, everyMs: 800 },
  );
}

import { systemClock } from '../../../src/edge/clock.ts';
import { novaCloud } from '../../../src/openstack/nova.ts';
import type { NovaCloud } from '../../../src/openstack/nova.ts';
import { systemRandomness } from '../../../src/edge/randomness.ts';
import { eventually } from '../../support/eventually.ts';
import { recordingLogger } from '../../support/recording-logger.ts';
import type { CloudLab } from '../lab/index.ts';
import { novaServer } from '../support/nova-client.ts';
import type { NovaClient, NovaServer } from '../support/nova-client.ts';
import { create, recipesWithGroups, STATE_RECIPES, untilBuilt } from './bring-into-state.ts';
import type { Stage, StateRecipe } from './bring-into-state.ts';
import { endOf, neutral, shownStateOf } from './ends.ts';
import { EXPECTED } from './expected.ts';
import { recordCalls } from './recorded-calls.ts';
import { recoverHosts } from './recover-host.ts';
import { sideBySide } from './side-by-side.ts';
import { MICROVERSIONS } from './table.ts';
import type { Measured, Microversion, StateRow } from './table.ts';

/** The hosts of the cloud that `measureStates` needs. */
export const HOSTS = ['dies-at-53', 'dies-at-93', 'twins-53', 'twins-93', 'dies-too', 'lives-1', 'lives-2'] as const;
type Host = (typeof HOSTS)[number];

const LIFEBOATS: Readonly<Record<Microversion, Host>> = { '2.53': 'dies-at-53', '2.93': 'dies-at-93' };
const TWINS: Readonly<Record<Microversion, Host>> = { '2.53': 'twins-53', '2.93': 'twins-93' };
const WIDTH = 8;

/** One instance of every state on one host that will die. */
interface Cast {
  readonly stage: Stage;
  readonly actors: readonly Actor[];
}

interface Actor {
  /** Where it was when that died. */
  readonly host: Host;
  readonly recipe: StateRecipe;
  readonly id: string;
  before: string;
}

/**
 * Fills four hosts with one instance of every state each, kills them and one more, asks Nova to evacuate those of two of
 * them as they are, and lets Lifeboat recover the other two, one with each microversion.
 */
export async function measureStates(
  lab: CloudLab,
  nova: NovaClient,
  say: (sentence: string) => void,
): Promise<readonly StateRow[]> {
  const casts = new Map<Host, Cast>();
  for (const host of [...Object.values(LIFEBOATS), ...Object.values(TWINS)])
    casts.set(host, await gather(lab, nova, host));
  await untilBuilt(nova);
  const all = [...casts.values()];
  say(`${all.flatMap(({ actors }) => actors).length} instances run`);
  await sideBySide(
    WIDTH,
    all.flatMap(({ stage, actors }) => actors.map((actor) => ({ stage, actor }))),
    async ({ stage, actor }) => actor.recipe.alive?.(actor.id, stage),
  );
  say('in their states');
  for (const cast of all) await cutOff(lab, nova, cast);
  await lab.killCompute('dies-too');
  await forceDown(nova, [...casts.keys(), 'dies-too']);
  say('their hosts are dead');

  const bare = new Map<Microversion, ReadonlyMap<string, Measured['bare']>>();
  const lifeboat = new Map<Microversion, ReadonlyMap<string, Measured['lifeboat']>>();
  const twins = castOn(casts, TWINS['2.53']).actors;
  for (const microversion of MICROVERSIONS) {
    const untouched = twins.filter(({ recipe }) => bare.get('2.53')?.get(recipe.name)?.status !== 200);
    const twinsNow = microversion === '2.53' ? twins : [...untouched, ...castOn(casts, TWINS['2.93']).actors];
    bare.set(microversion, await evacuateBare(nova, twinsNow, microversion));
    say(`Nova was asked with ${microversion}`);
    lifeboat.set(microversion, await recover(lab, nova, castOn(casts, LIFEBOATS[microversion]), microversion));
    say(`recovered with ${microversion}`);
  }
  return castOn(casts, 'dies-at-93').actors.map(({ recipe }) => ({
    state: recipe.name,
    broughtBy: recipe.bySql === true ? 'sql' : 'api',
    at: Object.fromEntries(
      MICROVERSIONS.map((each) => [
        each,
        {
          before: actorOf(castOn(casts, LIFEBOATS[each]), recipe.name).before,
          bare: found(bare.get(each)?.get(recipe.name)),
          lifeboat: found(lifeboat.get(each)?.get(recipe.name)),
        },
      ]),
    ) as Record<Microversion, Measured>,
  }));
}

async function gather(lab: CloudLab, nova: NovaClient, host: Host): Promise<Cast> {
  const stage: Stage = { lab, nova, host, otherHost: 'lives-1', thirdHost: 'dies-too' };
  const actors: Actor[] = [];
  // Those that Nova refuses to evacuate are there to be asked again.
  const isNeeded = ({ name }: StateRecipe): boolean => host !== TWINS['2.93'] || EXPECTED[name]?.bare === undefined;
  const recipes = [...STATE_RECIPES, ...(await recipesWithGroups(stage))].filter(isNeeded);
  await sideBySide(WIDTH, recipes, async (recipe) => {
    actors.push({ recipe, host, id: await create(stage, recipe), before: '' });
  });
  const order = (actor: Actor): number => recipes.indexOf(actor.recipe);
  return { stage, actors: actors.toSorted((a, b) => order(a) - order(b)) };
}

/** Freezes the host, so that the last calls wait in its queue, and kills it. */
async function cutOff(lab: CloudLab, nova: NovaClient, { stage, actors }: Cast): Promise<void> {
  await lab.freezeCompute(stage.host);
  await sideBySide(WIDTH, actors, async ({ recipe, id }) => recipe.frozen?.(id, stage));
  await sideBySide(WIDTH, actors, async (actor) => {
    const shown = await nova.server(actor.id);
    actor.before = shown === undefined ? 'gone' : shownStateOf(shown);
  });
  await lab.killCompute(stage.host);
}

/** Before anything is evacuated: the scheduler would choose a dead host that Nova believes up. */
async function forceDown(nova: NovaClient, hosts: readonly string[]): Promise<void> {
  const { services = [] } = await nova.must('GET', '/os-services?binary=nova-compute');
  for (const { id, host } of services) {
    if (hosts.includes(String(host))) await nova.must('PUT', `/os-services/${String(id)}`, { forced_down: true });
  }
}

async function evacuateBare(
  nova: NovaClient,
  actors: readonly Actor[],
  microversion: Microversion,
): Promise<ReadonlyMap<string, Measured['bare']>> {
  const answers = new Map<string, Omit<Measured['bare'], 'ends'>>();
  await sideBySide(WIDTH, actors, async ({ recipe, id, host }) => {
    const { status, message } = await nova.act(id, { evacuate: {} }, microversion);
    answers.set(recipe.name, {
      status,
      ...(message !== undefined && { message: neutral(message, host, HOSTS) }),
    });
  });
  await eventually(
    'what was evacuated has arrived',
    async () => {
      const servers = await serversById(nova);
      return actors.every(({ recipe, id, host }) => {
        const shown = servers.get(id);
        return answers.get(recipe.name)?.status !== 200 || shown?.vmState === 'error' || hasArrived(shown, host);
      });
    },
    { withinMs: 120_000, everyMs: 1_000 },
  );
  const measured = new Map<string, Measured['bare']>();
  await sideBySide(WIDTH, actors, async ({ recipe, id, host }) => {
    const ends = endOf(await nova.server(id), host);
    measured.set(recipe.name, { ...found(answers.get(recipe.name)), ends });
  });
  return measured;
}

/** The task state is gone a moment before the new host is shown. */
function hasArrived(shown: NovaServer | undefined, deadHost: string): boolean {
  return shown !== undefined && shown.taskState === undefined && shown.host !== deadHost;
}

async function recover(
  lab: CloudLab,
  nova: NovaClient,
  { stage, actors }: Cast,
  microversion: Microversion,
): Promise<ReadonlyMap<string, Measured['lifeboat']>> {
  const client = cloudAt(lab, microversion);
  const calls = recordCalls(client);
  const moves = await recoverHosts(calls.cloud, [stage.host, stage.thirdHost]);
  client.close();
  const measured = new Map<string, Measured['lifeboat']>();
  await sideBySide(WIDTH, actors, async ({ recipe, id }) => {
    const move = moves.find(({ instanceId }) => instanceId === id);
    const reason = move?.reason;
    measured.set(recipe.name, {
      calls: calls.of(id),
      ...(move && { move: move.state }),
      ...(reason !== undefined && { reason: neutral(reason, stage.host, HOSTS) }),
      ends: endOf(await nova.server(id), stage.host),
      evacuations: await evacuationsOf(nova, id),
    });
  });
  return measured;
}

async function evacuationsOf(nova: NovaClient, id: string): Promise<number> {
  const { instanceActions = [] } = await nova.must('GET', `/servers/${id}/os-instance-actions`);
  return instanceActions.filter(({ action }) => action === 'evacuate').length;
}

async function serversById(nova: NovaClient): Promise<ReadonlyMap<string, NovaServer>> {
  const { servers = [] } = await nova.must('GET', '/servers/detail?all_tenants=1');
  return new Map(servers.map(novaServer).map((server) => [server.id, server]));
}

function cloudAt(lab: CloudLab, microversion: Microversion): NovaCloud {
  const { username, password, projectName, domainName, region } = lab.account;
  const domain = { name: domainName };
  return novaCloud({
    credentials: {
      authUrl: lab.authUrl.replace(/\/v3$/, ''),
      login: { kind: 'password', user: { name: username, domain }, password, project: { name: projectName, domain } },
      region,
      interface: 'public',
      tls: { kind: 'system' },
    },
    clock: systemClock,
    randomness: systemRandomness,
    logger: recordingLogger(),
    newestMinor: Number(microversion.split('.')[1]),
  });
}

function castOn(casts: ReadonlyMap<Host, Cast>, host: Host): Cast {
  return found(casts.get(host));
}

function actorOf({ actors }: Cast, name: string): Actor {
  return found(actors.find(({ recipe }) => recipe.name === name));
}

function found<T>(value: T | undefined): T {
  if (value === undefined) throw new Error('a state was not measured');
  return value;
}

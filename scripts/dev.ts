/**
 * npm run dev: the daemon with its API, an emulated cloud (or a real one, read only) and no cluster, for trying clients. Ends with SIGINT, SIGTERM, or
 * "quit".
 */
import { createInterface } from 'node:readline';
import { setTimeout as pause } from 'node:timers/promises';
import { createLogger } from '../src/edge/log.ts';
import { messageOf } from '../src/errors.ts';
import { memoryAfterCollection } from './dev/heap.ts';
import { devOptions, USAGE, type DevOptions } from './dev/options.ts';
import { startStand, type Stand } from './dev/stand.ts';

const say = (text: string): void => {
  process.stdout.write(`${text}\n`);
};

try {
  const options = devOptions(process.argv.slice(2));
  if (options === 'help') say(USAGE);
  else await run(options);
} catch (error) {
  process.stderr.write(`dev: ${messageOf(error)}\n\n${USAGE}`);
  process.exitCode = 2;
}

async function run(options: DevOptions): Promise<void> {
  const stand = await startStand(options, createLogger('info'));
  introduce(stand, options);
  let isEnding = false;
  const end = (): void => {
    if (isEnding) return;
    isEnding = true;
    void stand.stop().finally(() => process.exit(0));
  };
  process.on('SIGINT', end);
  process.on('SIGTERM', end);
  const kill = (host: string): void => {
    const objection = stand.objection(host);
    if (objection !== undefined) {
      say(objection);
      return;
    }
    say(`${host} dies; it is fenced in 2 s, and back 20 s later`);
    stand.kill(host).catch((error: unknown) => {
      say(`kill ${host}: ${messageOf(error)}`);
    });
  };
  createInterface({ input: process.stdin }).on('line', (line) => {
    const [verb, host = ''] = line.trim().split(/\s+/);
    if (verb === 'quit') end();
    else if (verb === 'kill') kill(host);
    else if (verb === 'memory') say(memoryInWords());
    else if (verb !== '') say('kill HOST, memory, or quit');
  });
  if (options.kill !== undefined) {
    await pause(options.kill.afterMs);
    kill(options.kill.host);
  }
}

function memoryInWords(): string {
  const { heapMb, rssMb } = memoryAfterCollection();
  return `memory: ${heapMb} MB in use, ${rssMb} MB RSS`;
}

function introduce(stand: Stand, options: DevOptions): void {
  if (options.cloud === undefined) introduceEmulated(stand, options);
  else introduceReal(stand, options, options.cloud.name);
}

function introduceReal({ authUrl, hosts, url }: Stand, { auth }: DevOptions, cloud: string): void {
  const whom = auth === 'noauth' ? 'and asks nobody who they are' : `for who has a token of ${authUrl}`;
  say(`
Lifeboat’s API is at ${url}, ${whom}.
It reads the cloud ${cloud}, with the compute hosts ${hosts.join(', ')}, and changes nothing there.

To have clients find it, the catalog must say so:

  openstack endpoint list --service instance-ha
  openstack endpoint set ENDPOINT --url '${url}/v1/$(project_id)s'

Type "quit" to end.
`);
}

function introduceEmulated({ environment, url }: Stand, { auth }: DevOptions): void {
  const variables = Object.entries(environment).map(([name, value]) => `export ${name}=${value}`);
  say(`
Lifeboat’s API is at ${url}, ${auth === 'noauth' ? 'and asks nobody who they are' : 'for who has a token of the emulated Keystone'}.

  curl ${url}/v1/segments${auth === 'noauth' ? '' : ' -H "X-Auth-Token: $(openstack token issue -f value -c id)"'}
  curl -N ${url}/lifeboat/v1/events

For the command line of OpenStack (python3-openstackclient, python3-masakariclient):

  ${variables.join('\n  ')}
  openstack segment list
${auth === 'noauth' ? `\nOr without them: openstack --os-auth-type none --os-endpoint ${url}/v1 segment list\n` : ''}
Type "kill compute-3" to see a recovery, "quit" to end.
`);
}

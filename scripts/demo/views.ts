import { CLOUD_ADDRESS } from '../../test/cluster/lab/index.ts';
import { controllerFiles } from '../../test/cluster/rig/configuration.ts';
import type { Rig } from '../../test/cluster/rig/rig.ts';
import type { Screen } from './screen.ts';

/** What an operator does by hand before the commands: the files. */
export function showConfiguration(screen: Screen): void {
  screen.heading('Installing Lifeboat');
  screen.line('on every node:');
  screen.block('# cp -r dist/. /');
  screen.line('on every controller, readable by hacluster alone:');
  for (const { path, content } of controllerFiles(CLOUD_ADDRESS)) {
    screen.line(`  ${path}`);
    screen.block(withoutPasswords(content));
  }
}

/** What is on a screen ends in a recording or a bug report. */
function withoutPasswords(yaml: string): string {
  return yaml.replace(/^( *password:).*$/gm, '$1 (hidden)');
}

export async function showBefore(screen: Screen, rig: Rig): Promise<void> {
  screen.heading('Before');
  await showCluster(screen, rig);
}

export async function showAfter(screen: Screen, rig: Rig): Promise<void> {
  screen.heading('After');
  await showCluster(screen, rig);
  const engineNode = await rig.engineNode();
  if (engineNode === undefined) return;
  const status = await rig.lab.exec(engineNode, ['lifeboat', 'status'], { allowFailure: true });
  screen.block(`# lifeboat status\n${status.stdout}`);
}

async function showCluster(screen: Screen, { lab, cloud }: Rig): Promise<void> {
  screen.block(`# crm_mon -1 -A -n\n${await lab.crmMon()}`);
  const { hosts, instances } = await cloud.state();
  for (const { name, state, status } of hosts) {
    const names = instances.filter(({ host }) => host === name).map((instance) => instance.name);
    screen.line(`nova: ${name} is ${state} and ${status}; instances: ${names.length === 0 ? 'none' : names.join(' ')}`);
  }
}

export function showHowToPlay(screen: Screen, name: string): void {
  screen.heading('The cluster stays up');
  screen.block(
    [
      `export LIFEBOAT_LAB=${name}`,
      'npm run lab -- exec ctl1 crm_mon -1 -A',
      'npm run lab -- kill cmp2',
      'npm run lab -- exec ctl1 lifeboat status    # on the controller that crm_mon shows',
      'npm run lab -- help',
      'npm run lab -- down                         # ends it and removes every trace',
    ].join('\n'),
  );
}

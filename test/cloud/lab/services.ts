import { existsSync, mkdirSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { overlayFolder, etcFile, logFile, PYTHON, PYTHON_FOLDER, readyFile } from './layout.ts';
import type { CloudLayout } from './layout.ts';
import type { CloudPlan } from './plan.ts';
import { epmdPort, erlangPort } from './ports.ts';
import { startService } from './process.ts';

/** RabbitMQ with users of its own, made from nothing at each start. */
export function startMessages(layout: CloudLayout, plan: CloudPlan): void {
  const home = join(layout.dir, 'state', 'rabbitmq');
  mkdirSync(home, { recursive: true, mode: 0o700 });
  startService(layout, plan.netns, 'rabbitmq', ['/usr/lib/rabbitmq/bin/rabbitmq-server'], {
    HOME: home,
    RABBITMQ_NODENAME: `lifeboat-${layout.name}@localhost`,
    RABBITMQ_CONFIG_FILE: etcFile(layout, 'rabbitmq.conf'),
    RABBITMQ_MNESIA_BASE: home,
    RABBITMQ_LOG_BASE: join(layout.dir, 'log'),
    RABBITMQ_PID_FILE: join(home, 'pid'),
    RABBITMQ_ENABLED_PLUGINS_FILE: '/dev/null',
    RABBITMQ_NODE_PORT: String(plan.ports.messages),
    RABBITMQ_NODE_IP_ADDRESS: plan.address,
    RABBITMQ_DIST_PORT: String(erlangPort(plan.ports)),
    ERL_EPMD_ADDRESS: '127.0.0.1',
    ERL_EPMD_PORT: String(epmdPort(plan.ports)),
    // One scheduler that does not spin: on a small machine the others need the processor more.
    RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS: '+S 1:1 +sbwt none -kernel inet_dist_use_interface {127,0,0,1}',
  });
}

export function startKeystone(layout: CloudLayout, plan: CloudPlan): void {
  startWsgi(layout, plan, 'keystone', plan.ports.keystone, plan.apiWorkers, '/usr/bin/keystone-wsgi-public', {
    OS_KEYSTONE_CONFIG_DIR: join(layout.dir, 'etc'),
    OS_KEYSTONE_CONFIG_FILES: 'keystone.conf',
  });
}

export function startPlacement(layout: CloudLayout, plan: CloudPlan): void {
  startWsgi(layout, plan, 'placement', plan.ports.placement, 1, '/usr/bin/placement-api', {
    OS_PLACEMENT_CONFIG_DIR: join(layout.dir, 'etc'),
  });
}

export function startNovaApi(layout: CloudLayout, plan: CloudPlan): void {
  startWsgi(layout, plan, 'nova-api', plan.ports.nova, plan.apiWorkers, '/usr/bin/nova-api-wsgi', {
    OS_NOVA_CONFIG_DIR: join(layout.dir, 'etc'),
    // The first must be the paste file.
    OS_NOVA_CONFIG_FILES: 'nova-api-paste.ini;nova.conf;nova-api.conf',
  });
}

export function startGlance(layout: CloudLayout, plan: CloudPlan): void {
  const main = 'from glance.cmd.api import main; main()';
  const argv = [PYTHON, '-c', main, '--config-file', etcFile(layout, 'glance.conf')];
  startService(layout, plan.netns, 'glance', argv);
}

export function startNeutronStub(layout: CloudLayout, plan: CloudPlan): void {
  const argv = [PYTHON, join(PYTHON_FOLDER, 'neutron_stub.py'), plan.address, String(plan.ports.neutron)];
  startService(layout, plan.netns, 'neutron-stub', argv);
}

export function startMasakariApi(layout: CloudLayout, plan: CloudPlan): void {
  const config = etcFile(layout, 'masakari/masakari.conf');
  // It reads its options twice: from the files of a folder, and from the command line.
  const options = `--config-file ${config} --log-file ${logFile(layout, 'masakari-api')}`;
  const env = { OS_MASAKARI_CONFIG_DIR: dirname(config), PYTHONPATH: overlayFolder(layout) };
  startWsgi(layout, plan, 'masakari-api', plan.ports.masakari, 1, '/usr/bin/masakari-wsgi', env, ['--pyargv', options]);
}

export function startMasakariEngine(layout: CloudLayout, plan: CloudPlan): void {
  rmSync(readyFile(layout, 'masakari-engine'), { force: true });
  const configs = ['masakari/masakari.conf', 'masakari/extra.conf'].flatMap((file) => [
    '--config-file',
    etcFile(layout, file),
  ]);
  const script = join(PYTHON_FOLDER, 'masakari_engine.py');
  const argv = [PYTHON, script, readyFile(layout, 'masakari-engine'), ...configs];
  startService(layout, plan.netns, 'masakari-engine', [...argv, '--log-file', logFile(layout, 'masakari-engine')], {
    PYTHONPATH: overlayFolder(layout),
  });
}

function startWsgi(
  layout: CloudLayout,
  plan: CloudPlan,
  service: string,
  port: number,
  workers: number,
  file: string,
  env: Readonly<Record<string, string>>,
  more: readonly string[] = [],
): void {
  // Keystone may be loaded once and forked, which saves 3 s of processor time per worker. Nova may not: loading it
  // starts eventlet's hub, and two processes would share it.
  const loading = service === 'keystone' ? [] : ['--lazy-apps'];
  const argv = [
    ...['uwsgi', '--plugins', 'python3', '--http-socket', `${plan.address}:${port}`, '--wsgi-file', file],
    ...['--master', ...loading, '--enable-threads', '--processes', String(workers), '--threads', '1'],
    // It closes the connection after each reply and does not say so: a client that keeps it would see a broken one.
    ...['--add-header', 'Connection: close', '--buffer-size', '65535', '--die-on-term', '--no-orphans'],
    ...['--listen', '100', '--disable-logging', ...more],
  ];
  startService(layout, plan.netns, service, argv, env);
}

export function isReady(layout: CloudLayout, service: string): boolean {
  return existsSync(readyFile(layout, service));
}

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { startDev, type DevProcess } from '../../clients/dev-process.ts';
import { freePort } from '../../store/server.ts';
import { eventually } from '../../support/eventually.ts';
import type { ComputeHost } from './compute-host.ts';

/** Masakari's own instance monitor beside ours, on the same libvirt, and the API to which it reports. */
export interface Original {
  /** `EVENT/DETAIL` of a guest that have arrived, in their order. */
  reports(uuid: string): Promise<readonly string[]>;
  /** What it has logged. */
  output(): string;
  stop(): Promise<void>;
}

/** Debian's masakari-instancemonitor by its own code, and `npm run dev` with its emulated Keystone to report to. */
export async function startOriginal(host: ComputeHost): Promise<Original> {
  const dev = await startDev(await freePort(), ['--auth', 'keystone', '--hosts', '3']);
  const settings = join(host.shared, 'masakarimonitors.conf');
  writeFileSync(settings, configuration(dev.environment['OS_AUTH_URL'] ?? '', host.uri), { mode: 0o600 });
  const monitor = spawn('masakari-instancemonitor', ['--config-file', settings], { stdio: ['ignore', 'pipe', 'pipe'] });
  const gone = once(monitor, 'exit');
  let output = '';
  for (const stream of [monitor.stdout, monitor.stderr])
    stream.on('data', (chunk: Buffer) => (output += String(chunk)));
  const original: Original = {
    reports: async (uuid) =>
      (await notifications(dev))
        .filter(({ payload }) => payload.instance_uuid === uuid)
        .map(({ payload }) => `${payload.event ?? ''}/${payload.vir_domain_event ?? ''}`),
    output: () => output,
    async stop() {
      monitor.kill('SIGKILL');
      await gone;
      await dev.stop();
    },
  };
  // It logs nothing once it has registered; that it has connected shows in its log at this level.
  await eventually('it has begun', () => output.includes('Using uri:'), { withinMs: 30_000 }).catch(
    async (error: unknown) => {
      await original.stop();
      throw new Error(`${String(error)}\n${output.slice(-2_000)}`);
    },
  );
  return original;
}

interface Shown {
  readonly generated_time: string;
  readonly payload: Readonly<Record<string, string>>;
}

async function notifications({ url: api, environment }: DevProcess): Promise<readonly Shown[]> {
  const { OS_AUTH_URL: url = '', OS_USERNAME: user = '', OS_PASSWORD: password = '' } = environment;
  const domain = { id: 'default' };
  const answer = await fetch(`${url.replace(/\/$/, '')}/auth/tokens`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({
      auth: {
        identity: { methods: ['password'], password: { user: { name: user, password, domain } } },
        scope: { project: { name: environment['OS_PROJECT_NAME'] ?? 'admin', domain } },
      },
    }),
  });
  const token = answer.headers.get('x-subject-token') ?? '';
  const listed = await fetch(`${api}/v1/notifications`, { headers: { 'x-auth-token': token } });
  if (!listed.ok) throw new Error(`the API answered ${listed.status}: ${await listed.text()}`);
  const found = (await listed.json()) as { readonly notifications: readonly Shown[] };
  return found.notifications.toSorted((a, b) => a.generated_time.localeCompare(b.generated_time));
}

function configuration(authUrl: string, uri: string): string {
  return `[DEFAULT]
debug = true
use_stderr = true
hostname = compute-1
[libvirt]
connection_uri = ${uri}
[api]
region = RegionOne
api_interface = public
auth_type = password
auth_url = ${authUrl}
username = admin
password = secret
project_name = admin
user_domain_id = default
project_domain_id = default
[callback]
retry_max = 2
retry_interval = 1
`;
}

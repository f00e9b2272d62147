import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { asRecorded, comparable } from '../clients/as-recorded.ts';
import { EVERY_COMMAND, runCommands, type CommandOutcome } from '../clients/commands.ts';
import { startCheckedDev } from '../clients/checked-dev.ts';
import type { DevProcess } from '../clients/dev-process.ts';
import { recordedOutcomes } from '../clients/recorded-masakari.ts';
import { EXPECTED_OF_EVERY_CALL, everySdkCall } from '../clients/sdk-calls.ts';
import { eventually } from '../support/eventually.ts';
import { startCloud } from './lab/index.ts';
import type { CloudAccount, CloudLab } from './lab/cloud-lab.ts';
import { novaClient, type NovaClient } from './support/nova-client.ts';
import { revoke, tokenOf } from './support/token.ts';

const RECORDINGS = join(import.meta.dirname, '../samples/masakari');
/** As the recordings have them. */
const HOSTS = ['compute-1', 'compute-4', 'compute-5'];
/** Dev mode believes Keystone for two seconds. */
const REVOKED_WITHIN_MS = 10_000;

interface Recording {
  readonly request: { readonly method: string; readonly url: string; readonly body: unknown };
  readonly response: { readonly status: number; readonly body: unknown };
}

/** The clients of Masakari as Debian packages them, a real Keystone and Nova, and Lifeboat where its catalog says. */
describe('a real cloud', () => {
  let lab: CloudLab | undefined;
  let dev: DevProcess | undefined;
  let nova: NovaClient;
  let recorded: readonly CommandOutcome[] = [];
  beforeAll(async () => {
    lab = await startCloud({
      name: 'clients',
      portOffset: 600,
      hosts: HOSTS,
      reportIntervalS: 5,
      serviceDownTimeS: 30,
    });
    nova = await novaClient({ ...lab.admin, authUrl: lab.authUrl });
    const args = ['--cloud', 'lifeboat', '--clouds-file', join(lab.dir, 'clouds.yaml')];
    // The catalog of the lab has an endpoint for instance-ha there.
    dev = await startCheckedDev({ port: lab.ports.masakari, args });
    recorded = await recordedOutcomes();
  }, 600_000);
  afterAll(async () => {
    await dev?.stop();
    await lab?.down();
  }, 120_000);

  const cloud = (): CloudLab => {
    if (lab === undefined) throw new Error('the cloud did not start');
    return lab;
  };
  const environmentOf = ({ domainName, password, projectName, region, username }: CloudAccount) => ({
    OS_AUTH_URL: cloud().authUrl,
    OS_USERNAME: username,
    OS_PASSWORD: password,
    OS_PROJECT_NAME: projectName,
    OS_USER_DOMAIN_NAME: domainName,
    OS_PROJECT_DOMAIN_NAME: domainName,
    OS_REGION_NAME: region,
    OS_IDENTITY_API_VERSION: '3',
  });
  const ask = (path: string, token: string | undefined, method = 'GET', body: unknown = null) =>
    fetch(`${dev?.url}${path}`, {
      method,
      headers: { 'content-type': 'application/json', ...(token !== undefined && { 'x-auth-token': token }) },
      ...(body !== null && { body: JSON.stringify(body) }),
    });

  it('has the hosts of its Nova, and none that is called dead', async () => {
    const answer = await ask('/lifeboat/v1/hosts', await tokenOf(cloud(), cloud().admin));
    const { hosts } = (await answer.json()) as { hosts: readonly { host: string; state: string }[] };
    expect(
      hosts
        .filter(({ state }) => state === 'up')
        .map(({ host }) => host)
        .toSorted(),
    ).toEqual(HOSTS);
    dev?.say('kill compute-1');
    await eventually('it says why not', () => dev?.output().includes('compute-1 is a machine of the cloud lifeboat'));
  });

  it('answers every command of the client as Masakari did', async () => {
    const ours = await runCommands(EVERY_COMMAND, environmentOf(cloud().admin));
    expect(ours.map(comparable)).toEqual(
      ours.map((now, index) => {
        const before = recorded[index];
        if (before === undefined) throw new Error(`${now.as} is not recorded`);
        return asRecorded(before, now);
      }),
    );
  });

  it('answers every call of openstacksdk', async () => {
    const outcomes = await everySdkCall({ kind: 'keystone', environment: environmentOf(cloud().admin) });
    expect(outcomes).toMatchObject(EXPECTED_OF_EVERY_CALL);
  });

  it.each([
    'demo-segments-list-403',
    'demo-segment-create-403',
    'demo-notifications-list-403',
    'demo-notification-create-403',
  ])('refuses who has no rights as Masakari did: %s', async (file) => {
    const { request, response } = recordingOf(file);
    const token = await tokenOf(cloud(), cloud().demo);
    const path = new URL(request.url).pathname.replace(/\/v1\/[0-9a-f]{32}/, '/v1');
    const answer = await ask(path, token, request.method, bodyOf(request.body));
    expect(answer.status).toBe(403);
    expect(await answer.json()).toEqual(response.body);
  });

  it('refuses a client without rights, in words', async () => {
    const words = ['segment', 'list', '-f', 'json'];
    const [outcome] = await runCommands([{ as: 'segments', words }], environmentOf(cloud().demo));
    expect(outcome).toMatchObject({ status: 1, shown: '' });
    expect(outcome?.said).toContain("Policy doesn't allow os_masakari_api:segments:index to be performed.");
  });

  it('refuses no token, and one that is none, and says where to get one', async () => {
    for (const [file, token] of [
      ['notoken-401', undefined],
      ['badtoken-401', 'nonsense'],
    ] as const) {
      const answer = await ask('/v1/segments', token);
      expect([answer.status, await answer.json()]).toEqual([401, recordingOf(file).response.body]);
      expect(answer.headers.get('www-authenticate')).toBe(`Keystone uri="${cloud().authUrl.replace(/\/v3$/, '')}"`);
    }
  });

  it('refuses a token that was revoked before it came, and one that was revoked after', async () => {
    const never = await tokenOf(cloud(), cloud().admin);
    await revoke(cloud(), never);
    expect((await ask('/v1/segments', never)).status).toBe(401);
    const used = await tokenOf(cloud(), cloud().admin);
    expect((await ask('/v1/segments', used)).status).toBe(200);
    await revoke(cloud(), used);
    await eventually('it is refused', async () => (await ask('/v1/segments', used)).status === 401, {
      withinMs: REVOKED_WITHIN_MS,
      everyMs: 200,
    });
  });

  it('was changed in nothing by all this', async () => {
    const { services } = await nova.must('GET', '/os-services?binary=nova-compute');
    const states = services?.map(
      ({ forced_down, host, status }) => `${String(host)} ${String(status)} ${String(forced_down)}`,
    );
    expect(states?.toSorted()).toEqual(HOSTS.map((host) => `${host} enabled false`));
  });
});

function recordingOf(name: string): Recording {
  return JSON.parse(readFileSync(join(RECORDINGS, `${name}.json`), 'utf8')) as Recording;
}

function bodyOf(body: unknown): unknown {
  return body === '' ? null : body;
}

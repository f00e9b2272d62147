import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { LabError, startLab, waitFor } from './lab/index.ts';
import type { FencingRecord, Lab, PowerEvent } from './lab/index.ts';
import { layoutOf } from './lab/layout.ts';
import { remainsOf } from './lab/removal.ts';

const BEAT_PORT = 9099;
const BEAT_SERVER = `
  require('node:http')
    .createServer((request, response) => { console.log(request.url); response.end('run'); })
    .listen(${BEAT_PORT}, '10.77.255.254', () => console.log('listening'));`;

describe('a lab of three controllers and two compute nodes', () => {
  let lab: Lab;
  let overlay = '';

  beforeAll(async () => {
    overlay = mkdtempSync(join(tmpdir(), 'lifeboat-overlay-'));
    mkdirSync(join(overlay, 'bin'), { mode: 0o700 });
    writeFileSync(join(overlay, 'bin', 'say-hello'), '#!/bin/sh\necho "hello from $(hostname)"\n', { mode: 0o755 });
    lab = await startLab({
      name: 'lab-test',
      computes: 2,
      overlay: [overlay],
      cloudBeat: { port: BEAT_PORT },
      files: [{ path: '/etc/lifeboat/lifeboat.yaml', content: 'cluster: {}\n', mode: 0o640, owner: 'root:haclient' }],
    });
  });

  afterAll(async () => {
    await lab?.down();
    rmSync(overlay, { recursive: true, force: true });
  });

  const powerEvents = (node: string, sinceMs: number): readonly PowerEvent[] =>
    lab.powerLog().filter((event) => event.node === node && event.atMs >= sinceMs);

  const fencings = async (node: string, status: string): Promise<readonly FencingRecord[]> =>
    (await lab.fencingHistory()).filter((record) => record.target === node && record.status === status);

  const fencedAndBack = async (node: string, sinceMs: number, earlierFencings: number): Promise<void> => {
    await waitFor(
      `the fencing of ${node}`,
      () => powerEvents(node, sinceMs).some((event) => event.event === 'answer' && event.ok === true),
      { deadlineMs: 25_000 },
    );
    await waitFor(`the record of it`, async () => (await fencings(node, 'success')).length > earlierFencings, {
      deadlineMs: 10_000,
    });
    await lab.waitOnline({ deadlineMs: 30_000 });
    await lab.waitIdle({ deadlineMs: 30_000 });
  };

  it('has all nodes online, and each controller knows the same DC', async () => {
    const dcs = await Promise.all(
      ['ctl1', 'ctl2', 'ctl3'].map(async (node) => (await lab.exec(node, ['crmadmin', '-q', '-D'])).stdout),
    );
    expect(new Set(dcs).size).toBe(1);
    expect(await lab.power()).toEqual({ ctl1: 'on', ctl2: 'on', ctl3: 'on', cmp1: 'on', cmp2: 'on' });
  });

  it('runs commands in a node with input, status, output and a deadline', async () => {
    const node = 'cmp1';
    expect(
      await lab.exec(node, ['sh', '-c', 'cat; hostname >&2; exit 3'], { input: 'in', allowFailure: true }),
    ).toEqual({
      stdout: 'in',
      stderr: 'cmp1\n',
      code: 3,
    });
    await expect(lab.exec(node, ['false'])).rejects.toMatchObject({
      kind: 'command-failed',
      message: '"false" on cmp1 ended with 1: it said nothing',
    });
    await expect(lab.exec(node, ['sleep', '60'], { timeoutMs: 200 })).rejects.toMatchObject({ kind: 'timed-out' });
    expect((await lab.exec(node, ['pgrep', '-f', '^sleep 60'], { allowFailure: true })).stdout).toBe('');
    await expect(lab.exec('cmp9', ['true'])).rejects.toMatchObject({ kind: 'unknown-node' });
  });

  it('gives a node its own disk and keeps the host as it was', async () => {
    await lab.exec('ctl1', ['sh', '-c', 'echo kept > /var/lib/lifeboat/kept; echo gone > /run/gone']);
    const owner = await lab.exec('ctl1', ['stat', '-c', '%U:%G %a', '/etc/lifeboat/lifeboat.yaml']);
    expect(owner.stdout.trim()).toBe('root:haclient 640');
    expect(existsSync('/var/lib/lifeboat/kept')).toBe(false);
    expect(existsSync('/run/gone')).toBe(false);
    await expect(lab.exec('ctl2', ['cat', '/var/lib/lifeboat/kept'])).rejects.toBeInstanceOf(LabError);
  });

  it("lays the caller's folders over /usr, also for users who may not enter them on the host", async () => {
    const asCluster = ['setpriv', '--reuid=hacluster', '--regid=haclient', '--clear-groups', 'say-hello'];
    expect((await lab.exec('cmp1', asCluster)).stdout).toBe('hello from cmp1\n');
    expect(existsSync('/usr/bin/say-hello')).toBe(false);
  });

  it('hears the heartbeat of nova-compute, which stops and starts on its own', async () => {
    const cloud = lab.spawnInSwitch([process.execPath, '-e', BEAT_SERVER]);
    const beats: string[] = [];
    cloud.stdout.on('data', (chunk: Buffer) => beats.push(...chunk.toString().trim().split('\n')));
    const beatsOf = (node: string): readonly string[] =>
      beats.filter((line) => line.startsWith(`/lab/beat/${node}?boot=`));
    await waitFor('two beats', () => beatsOf('cmp1').length > 1 && beatsOf('cmp2').length > 1, { deadlineMs: 10_000 });
    expect(new Set(beatsOf('cmp1')).size).toBe(1);
    lab.stopNovaCompute('cmp1');
    const others = beatsOf('cmp2').length;
    const silent = beatsOf('cmp1').length;
    await waitFor('beats of the other', () => beatsOf('cmp2').length > others + 2, { deadlineMs: 10_000 });
    expect(beatsOf('cmp1').length).toBeLessThanOrEqual(silent + 1); // one may have been under way
    lab.startNovaCompute('cmp1');
    await waitFor('a new boot', () => new Set(beatsOf('cmp1')).size === 2, { deadlineMs: 10_000 });
    await cloud.stop();
  });

  it('fences a compute node whose power was cut, and has it back', async () => {
    const since = Date.now();
    await lab.kill('cmp1');
    await expect(lab.exec('cmp1', ['true'])).rejects.toMatchObject({ kind: 'node-off' });
    await fencedAndBack('cmp1', since, 0);
    expect(powerEvents('cmp1', since).map((event) => event.event)).toEqual(
      expect.arrayContaining(['off-begin', 'off-done', 'request', 'on-begin', 'on-done', 'answer']),
    );
  });

  it('fences a compute node that stands still', async () => {
    const since = Date.now();
    lab.freeze('cmp2');
    await fencedAndBack('cmp2', since, 0);
  });

  it('lets no fencing succeed while the BMC fails, and the cut node comes back when both are mended', async () => {
    const since = Date.now();
    await lab.bmc('cmp1', 'fail');
    await lab.partition('cmp1');
    const ping = ['ping', '-c', '1', '-W', '1', lab.cloudAddress];
    expect((await lab.exec('cmp1', ping, { allowFailure: true })).code).not.toBe(0);
    expect((await lab.exec('cmp2', ping)).code).toBe(0);
    await waitFor('a failed fencing', async () => (await fencings('cmp1', 'failed')).length > 0, {
      deadlineMs: 30_000,
    });
    expect(await fencings('cmp1', 'success')).toHaveLength(1); // that of the power cut
    expect(powerEvents('cmp1', since).some((event) => event.event === 'off-begin')).toBe(false);
    expect((await lab.power())['cmp1']).toBe('on');
    await lab.bmc('cmp1', 'ok');
    await lab.heal('cmp1');
    await lab.exec('ctl1', ['stonith_admin', '--reboot', 'cmp1']);
    await fencedAndBack('cmp1', since, 1);
  });

  it('goes down within seconds and leaves no process, network, control group, mount or file', async () => {
    const layout = layoutOf('lab-test');
    expect(remainsOf(layout).length).toBeGreaterThan(0);
    await lab.down();
    expect(remainsOf(layout)).toEqual([]);
  });
});

import { describe, expect, it } from 'vitest';
import { eventually } from '../../../support/eventually.ts';
import { engineBench, up } from '../bench.ts';
import { hostOf, segmentOf } from '../registry/bench.ts';

describe('an engine that is told of processes', () => {
  it('disables the service of nova-compute, records the others, and sets no host on maintenance (W9)', async ({
    onTestFinished,
  }) => {
    const options = { serviceDownTimeMs: 1_000, reportIntervalMs: 200 };
    const bench = await engineBench(onTestFinished, { instances: 1, options });
    const running = await bench.start();
    const verdicts = [up('cmp1'), up('cmp2')];
    await running.see(verdicts);
    const { registry } = running.engine;
    const segment = await registry.addSegment(segmentOf('a'));
    const host = await registry.addHost(segment.uuid, hostOf('cmp1'));
    await bench.emulator.silenceHost('cmp1');
    const report = async (process: string): Promise<string> => {
      const payload = { event: 'STOPPED', process_name: process };
      const report = { type: 'PROCESS', hostname: 'cmp1', generatedAtMs: Date.now(), payload } as const;
      return (await registry.notify(report)).uuid;
    };
    const other = await report('sshd');
    const uuid = await report('nova-compute');
    const ended = await eventually('it has ended', async () => {
      await running.see(verdicts);
      const { message, status } = await registry.notification(uuid);
      return ['finished', 'failed', 'ignored'].includes(status) ? `${status}: ${message ?? ''}` : undefined;
    });
    expect(ended).toContain('finished: the compute service of cmp1 is disabled');
    expect((await registry.notification(other)).message).toContain('see to sshd of cmp1');
    expect((await registry.progress(uuid)).map(({ name, state }) => [name, state])).toEqual([
      ['disable_compute_node_task', 'SUCCESS'],
      ['confirm_compute_node_disabled_task', 'SUCCESS'],
    ]);
    const service = (await bench.cloud.computeServices()).find((each) => each.host === 'cmp1');
    expect(service).toMatchObject({ status: 'disabled', forcedDown: false });
    expect(await registry.host(segment.uuid, host.uuid)).toMatchObject({ onMaintenance: false });
    await running.stop();
  });
});

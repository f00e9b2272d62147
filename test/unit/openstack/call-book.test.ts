import { expect, it } from 'vitest';
import { openStage, thrown } from './stage.ts';

it('each request to OpenStack is counted once, by service and by what came of it', async () => {
  await using stage = await openStage({ timings: { attempts: 2 } });
  await stage.cloud.warmUp();
  await stage.cloud.computeServices();
  await stage.emulator.fault({ route: 'services.list', effect: { kind: 'status', status: 503 }, times: 1 });
  await stage.cloud.computeServices();
  await stage.emulator.fault({ route: 'services.list', effect: { kind: 'drop', when: 'before-executing' } });
  await thrown(stage.cloud.computeServices());
  const counts = stage.cloud.calls();
  const found = (service: string, outcome: string) =>
    counts
      .filter((each) => each.service === service && each.outcome === outcome)
      .reduce((n, { count }) => n + count, 0);
  const [, ...lists] = (await stage.seen()).filter((line) => line.startsWith('GET os-services'));
  expect(lists.length).toBeGreaterThan(2);
  expect(found('keystone', '201')).toBe(1);
  expect(found('nova', '503')).toBe(1);
  expect(found('nova', 'CLOUD_UNREACHABLE')).toBe(2);
  // The version document, and two lists.
  expect(found('nova', '200')).toBeGreaterThanOrEqual(2);
  for (const { totalMs } of counts) expect(totalMs).toBeGreaterThan(0);
});

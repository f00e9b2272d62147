import { expect, it } from 'vitest';
import { isLifeboatError } from '../../src/errors.ts';
import type { Fault } from '../cloud/proxy/proxy.ts';
import { eventually } from '../support/eventually.ts';
import { expectRefusal } from './scene.ts';
import type { Scene } from './scene.ts';

const EVACUATE = 'nova POST /servers/{id}/action evacuate';
const PAGE = '<html><head><title>Not the API</title></head><body>a page of a load balancer</body></html>';

/** What breaks between us and Nova, with the real refusals of the cloud where there are any. */
export function faultContract(scene: Scene): void {
  const spoiltToken = { kind: 'request-headers', set: { 'x-auth-token': 'gAAAAAspoilt' } } as const;
  const tooNew = { kind: 'request-headers', set: { 'openstack-api-version': 'compute 2.999' } } as const;

  /** An instance on a source that is forced down: an evacuation of it would be accepted. */
  const ready = async (): Promise<string> => {
    const id = await scene.stage.boot(scene.source);
    await scene.force(scene.source);
    scene.forget();
    return id;
  };
  const evacuations = async (id: string): Promise<number> =>
    (await scene.cloud.evacuationsFrom(scene.source)).filter(({ instanceId }) => instanceId === id).length;

  it('logs in again when Nova refuses the token, and asks again', async () => {
    await scene.cloud.warmUp();
    scene.stage.proxy.fault({ route: 'nova GET /os-services', times: 1, effect: spoiltToken });
    scene.forget();
    expect((await scene.cloud.computeServices()).length).toBeGreaterThan(2);
    expect(scene.stage.proxy.tokensIssued()).toBe(1);
  });

  it('logs in again for an evacuation too, of which Nova executes one', async () => {
    const id = await ready();
    scene.stage.proxy.fault({ route: EVACUATE, times: 1, effect: spoiltToken });
    await scene.cloud.evacuate(id, undefined);
    expect(scene.sent(EVACUATE)).toBe(2);
    await scene.untilSettledElsewhere(id);
    expect(await evacuations(id)).toBe(1);
  });

  it('gives up on a cloud that refuses a new token as well', async () => {
    scene.stage.proxy.fault({ route: 'nova GET /os-services', effect: spoiltToken });
    scene.forget();
    await expectRefusal(scene.cloud.computeServices(), 'CLOUD_UNAUTHORIZED');
    expect(scene.sent('nova GET /os-services')).toBe(2);
  });

  it('negotiates the microversion again when Nova does not speak it any more', async () => {
    const id = await ready();
    scene.stage.proxy.fault({ route: EVACUATE, times: 1, effect: tooNew });
    await scene.cloud.evacuate(id, undefined);
    expect(scene.stage.proxy.counts().find(({ route }) => route === EVACUATE)?.statuses).toEqual({ 200: 1, 406: 1 });
    await scene.untilSettledElsewhere(id);
    expect(await evacuations(id)).toBe(1);
  });

  it.each([
    ['503 of the API', { kind: 'answer', status: 503, body: { message: 'Service Unavailable', code: 503 } }],
    ['502 of a load balancer', { kind: 'answer', status: 502, body: PAGE }],
    ['429', { kind: 'answer', status: 429, body: { overLimit: { code: 429, message: 'slow down' } } }],
    ['a connection cut before the request was taken', { kind: 'cut', when: 'before-executing' }],
    ['a connection cut in the middle of the answer', { kind: 'cut', when: 'half-way' }],
  ] satisfies (readonly [string, Fault])[])('repeats a read after %s', async (_, effect) => {
    const id = await scene.stage.boot(scene.source);
    scene.forget();
    scene.stage.proxy.fault({ route: 'nova GET /servers/detail', times: 2, effect });
    expect((await scene.cloud.instancesOn(scene.source)).map((found) => found.id)).toEqual([id]);
    expect(scene.sent('nova GET /servers/detail')).toBe(3);
  });

  it.each([
    ['503', { kind: 'answer', status: 503, body: PAGE }, 'CLOUD_UNAVAILABLE'],
    ['a page that is no JSON', { kind: 'answer', status: 404, body: PAGE }, 'CLOUD_GARBAGE'],
    ['a connection cut before it was taken', { kind: 'cut', when: 'before-executing' }, 'CLOUD_UNREACHABLE'],
  ] satisfies (readonly [string, Fault, string])[])(
    'sends an evacuation once that ends in %s, and Nova has none',
    async (_, effect, code) => {
      const id = await ready();
      scene.stage.proxy.fault({ route: EVACUATE, effect });
      await expectRefusal(scene.cloud.evacuate(id, undefined), code);
      expect(scene.sent(EVACUATE)).toBe(1);
      expect(await scene.cloud.instance(id)).toMatchObject({ taskState: undefined, host: scene.source });
      expect(await evacuations(id)).toBe(0);
    },
  );

  it.each([
    ['a connection cut afterwards', { kind: 'cut', when: 'after-executing' }, 'CLOUD_UNREACHABLE'],
    ['504 of a load balancer', { kind: 'answer', status: 504, body: PAGE, executed: true }, 'CLOUD_UNAVAILABLE'],
    ['a page with status 200', { kind: 'answer', status: 200, body: PAGE, executed: true }, 'CLOUD_GARBAGE'],
  ] satisfies (readonly [string, Fault, string])[])(
    'shows at once an evacuation that Nova took and that ended for us in %s',
    async (_, effect, code) => {
      const id = await ready();
      scene.stage.proxy.fault({ route: EVACUATE, effect });
      await expectRefusal(scene.cloud.evacuate(id, undefined), code);
      const began = performance.now();
      const [instance, evacuation] = await Promise.all([
        scene.cloud.instance(id),
        eventually('the trace of the evacuation', async () => (await evacuations(id)) === 1, { withinMs: 2_000 }),
      ]);
      const traceMs = Math.round(performance.now() - began);
      expect(evacuation).toBe(true);
      expect(instance?.taskState !== undefined || instance?.host !== scene.source).toBe(true);
      expect(scene.sent(EVACUATE)).toBe(1);
      process.stdout.write(`trace: ${traceMs} ms after ${code} the evacuation was seen\n`);
      expect(traceMs).toBeLessThan(2_000);
      await scene.untilSettledElsewhere(id);
    },
  );

  it('does not wait for an answer longer than it may, and the evacuation goes on without us', async () => {
    const id = await ready();
    const { stage } = scene;
    // A real Keystone's login has to fit into it on a busy machine too.
    const hasty = stage.open(stage.admin, { requestMs: 3_000 });
    await hasty.warmUp();
    stage.proxy.fault({ route: EVACUATE, effect: { kind: 'delay', ms: 8_000, when: 'after-executing' } });
    await expectRefusal(hasty.evacuate(id, undefined), 'CLOUD_TIMED_OUT');
    await eventually('the evacuation', async () => (await evacuations(id)) === 1, { withinMs: stage.patienceMs });
    await scene.untilSettledElsewhere(id);
    expect(scene.sent(EVACUATE)).toBeLessThanOrEqual(1);
  });

  it('forces down though the first answer was lost', async () => {
    const { id } = await scene.serviceOf(scene.source);
    const route = 'nova PUT /os-services/{id}';
    scene.stage.proxy.fault({ route, times: 1, effect: { kind: 'cut', when: 'after-executing' } });
    expect(await scene.cloud.setForcedDown(id, true)).toMatchObject({ forcedDown: true });
    expect(await scene.serviceOf(scene.source)).toMatchObject({ forcedDown: true, state: 'down' });
  });

  it('does not take the page of a proxy for an instance that is gone', async () => {
    const id = await scene.stage.boot(scene.source);
    scene.stage.proxy.fault({ route: 'nova GET /servers/{id}', effect: { kind: 'answer', status: 404, body: PAGE } });
    await expectRefusal(scene.cloud.instance(id), 'CLOUD_GARBAGE');
  });

  it('takes nothing but Nova’s own word for it that an instance is gone', async () => {
    const id = await scene.stage.boot(scene.source);
    for (const body of [
      { message: 'no Route matched with those values' },
      { code: '404 Not Found', message: 'The resource could not be found.', title: 'Not Found' },
      { error: { code: 404, message: 'Could not find it', title: 'Not Found' } },
    ]) {
      const effect = { kind: 'answer', status: 404, body } as const;
      const takeBack = scene.stage.proxy.fault({ route: 'nova GET /servers/{id}', effect });
      await expectRefusal(scene.cloud.instance(id), 'CLOUD_GARBAGE');
      takeBack();
    }
  });

  it('calls an answer garbage that is no JSON, or JSON of something else', async () => {
    for (const body of [PAGE, '', { services: 'none' }, { services: [{ host: 'x' }] }]) {
      const takeBack = scene.stage.proxy.fault({
        route: 'nova GET /os-services',
        effect: { kind: 'answer', status: 200, body },
      });
      await expectRefusal(scene.cloud.computeServices(), 'CLOUD_GARBAGE');
      takeBack();
    }
  });

  it('waits for Keystone through a short outage, and says so in a long one', async () => {
    const { stage } = scene;
    const route = 'keystone POST /v3/auth/tokens';
    const effect = { kind: 'answer', status: 503, body: PAGE } as const;
    stage.proxy.fault({ route, times: 2, effect });
    expect((await stage.open(stage.admin).computeServices()).length).toBeGreaterThan(2);
    stage.proxy.fault({ route, effect });
    const failed = await stage
      .open(stage.admin)
      .computeServices()
      .catch((error: unknown) => error);
    expect(isLifeboatError(failed, 'CLOUD_UNAVAILABLE')).toBe(true);
  });
}

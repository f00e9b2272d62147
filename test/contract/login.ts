import { expect, it } from 'vitest';
import type { Credentials } from '../../src/openstack/credentials.ts';
import { expectRefusal } from './scene.ts';
import type { Scene } from './scene.ts';
import { NOBODY } from './stage.ts';

type PasswordLogin = Extract<Credentials['login'], { readonly kind: 'password' }>;

export function loginContract(scene: Scene): void {
  const withLogin = (change: Partial<PasswordLogin>): Credentials => {
    const { admin } = scene.stage;
    if (admin.login.kind !== 'password') throw new Error('the admin logs in by password');
    return { ...admin, login: { ...admin.login, ...change } };
  };
  const domain = { id: 'default' };

  it('logs in once and reads the version document once, however many ask at first', async () => {
    const { stage } = scene;
    const cloud = stage.open(stage.admin);
    scene.forget();
    await Promise.all([cloud.computeServices(), cloud.instancesOn(scene.source), cloud.evacuationsFrom(scene.source)]);
    expect(stage.proxy.tokensIssued()).toBe(1);
    expect(scene.sent('nova GET /')).toBe(4);
    expect(scene.stage.proxy.counts().find(({ route }) => route === 'nova GET /')?.count).toBe(1);
  });

  it('finds the compute endpoint and the newest microversion that both sides speak', async () => {
    const { endpoint, microversion } = await scene.stage.open(scene.stage.admin).warmUp();
    expect(endpoint).toBe(scene.stage.proxy.novaUrl);
    expect(microversion).toMatch(/^2\.\d+$/);
  });

  it.each([
    ['a wrong password', { password: 'not the password' }],
    ['an unknown user', { user: { name: 'nobody-of-that-name', domain } }],
    ['a project that the user has no part in', { project: { name: 'no-such-project', domain } }],
    ['a domain that nobody knows', { user: { name: 'admin', domain: { name: 'no-such-domain' } } }],
  ] satisfies (readonly [string, Partial<PasswordLogin>])[])('refuses %s', async (_, change) => {
    scene.forget();
    await expectRefusal(scene.stage.open(withLogin(change)).computeServices(), 'CLOUD_UNAUTHORIZED');
    expect(scene.sent('keystone POST /v3/auth/tokens')).toBe(1);
  });

  it('takes an application credential by its id and by its name and user', async () => {
    const { stage } = scene;
    const { id, name, secret } = stage.application;
    const user = withLogin({}).login as PasswordLogin;
    for (const credential of [
      { by: 'id', id },
      { by: 'name', name, user: user.user },
    ] as const) {
      const login = { kind: 'application-credential', credential, secret } as const;
      expect((await stage.open({ ...stage.admin, login }).computeServices()).length).toBeGreaterThan(2);
    }
  });

  it('refuses an application credential with another secret, and one that does not exist', async () => {
    const { stage } = scene;
    for (const [id, secret] of [
      [stage.application.id, 'not the secret'],
      [NOBODY.replaceAll('-', ''), stage.application.secret],
    ] as const) {
      const login = { kind: 'application-credential', credential: { by: 'id', id }, secret } as const;
      await expectRefusal(stage.open({ ...stage.admin, login }).computeServices(), 'CLOUD_UNAUTHORIZED');
    }
  });

  it('does not take a login that fails for an instance that is gone', async () => {
    const { stage } = scene;
    const id = await stage.boot(scene.source);
    const credential = { by: 'id', id: NOBODY.replaceAll('-', '') } as const;
    const login = { kind: 'application-credential', credential, secret: stage.application.secret } as const;
    await expectRefusal(stage.open({ ...stage.admin, login }).instance(id), 'CLOUD_UNAUTHORIZED');
  });

  it('takes the endpoint of the interface and the region that are asked for, and no other', async () => {
    const { stage } = scene;
    const internal = stage.open({ ...stage.admin, interface: 'internal' });
    expect((await internal.warmUp()).endpoint).toBe(stage.proxy.novaUrl);
    const elsewhere = stage.open({ ...stage.admin, region: 'NoSuchRegion' });
    await expectRefusal(elsewhere.computeServices(), 'CLOUD_NO_ENDPOINT');
  });

  it('forbids a member what only an administrator may', async () => {
    const { stage, source } = scene;
    const member = stage.open(stage.member);
    const { id } = await scene.serviceOf(source);
    await expectRefusal(member.computeServices(), 'CLOUD_FORBIDDEN');
    await expectRefusal(member.setForcedDown(id, true), 'CLOUD_FORBIDDEN');
    await expectRefusal(member.disableService(id, 'no'), 'CLOUD_FORBIDDEN');
    await expectRefusal(member.instancesOn(source), 'CLOUD_FORBIDDEN');
    await expectRefusal(member.evacuationsFrom(source), 'CLOUD_FORBIDDEN');
    expect(await scene.serviceOf(source)).toMatchObject({ forcedDown: false, status: 'enabled' });
  });

  it('hides an instance from a member of another project', async () => {
    const { stage } = scene;
    const id = await stage.boot(scene.source);
    const member = stage.open(stage.member);
    expect(await member.instance(id)).toBeUndefined();
    await expectRefusal(member.evacuate(id, undefined), 'CLOUD_NOT_FOUND');
  });

  it('forbids a member to evacuate even an instance of its own', async () => {
    const { stage } = scene;
    const id = await stage.boot(scene.source, { project: 'other' });
    await scene.force(scene.source);
    const member = stage.open(stage.member);
    expect(await member.instance(id).catch((error: unknown) => error)).toMatchObject({ code: 'CLOUD_GARBAGE' });
    await expectRefusal(member.evacuate(id, undefined), 'CLOUD_FORBIDDEN');
    expect(await scene.cloud.evacuationsFrom(scene.source)).toEqual([]);
  });
}

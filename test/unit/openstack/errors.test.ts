import { inspect } from 'node:util';
import { describe, expect, it } from 'vitest';
import type { ErrorCode, LifeboatError } from '../../../src/errors.ts';
import type { RequestEffect } from '../../emulator/index.ts';
import { loginRequest } from '../../../src/openstack/login-request.ts';
import { credentialsOf, openStage, thrown, timingsFor } from './stage.ts';

const UNTRIED = { attempts: 1 };

describe('what a server answers becomes one typed error', () => {
  it.each([
    [{ kind: 'status', status: 400, message: 'bad words' }, 'CLOUD_BAD_REQUEST', /400 bad words \(req-/],
    [{ kind: 'status', status: 403, message: 'not you' }, 'CLOUD_FORBIDDEN', /403 not you/],
    [{ kind: 'status', status: 404, message: 'gone' }, 'CLOUD_NOT_FOUND', /404 gone/],
    [{ kind: 'status', status: 409, message: 'busy' }, 'CLOUD_CONFLICT', /409 busy/],
    [{ kind: 'status', status: 429 }, 'CLOUD_UNAVAILABLE', /429/],
    [{ kind: 'status', status: 500 }, 'CLOUD_UNAVAILABLE', /500/],
    [{ kind: 'status', status: 503 }, 'CLOUD_UNAVAILABLE', /503/],
    [{ kind: 'status', status: 302 }, 'CLOUD_GARBAGE', /302/],
    [{ kind: 'html', status: 503 }, 'CLOUD_UNAVAILABLE', /503/],
    [{ kind: 'html', status: 200 }, 'CLOUD_GARBAGE', /no JSON/],
    [{ kind: 'html', status: 404 }, 'CLOUD_GARBAGE', /404/],
    [{ kind: 'body', body: '{"services": ' }, 'CLOUD_GARBAGE', /no JSON/],
    [{ kind: 'body', body: '' }, 'CLOUD_GARBAGE', /services is not a list/],
    [{ kind: 'body', body: '[]' }, 'CLOUD_GARBAGE', /services is not a list/],
    [{ kind: 'body', body: '{"services":[7]}' }, 'CLOUD_GARBAGE', /services\[0\] is not an object/],
    [{ kind: 'drop', when: 'before-executing' }, 'CLOUD_UNREACHABLE', /no answer/],
    [{ kind: 'drop', when: 'after-executing' }, 'CLOUD_UNREACHABLE', /no answer/],
    [{ kind: 'delay', ms: 2_000 }, 'CLOUD_TIMED_OUT', /no answer within 500 ms/],
  ] satisfies readonly (readonly [RequestEffect, ErrorCode, RegExp])[])('%j is %s', async (effect, code, message) => {
    await using stage = await openStage({ timings: { ...UNTRIED, ...timingsFor(effect) } });
    await stage.cloud.warmUp();
    await stage.emulator.fault({ route: 'services.list', effect });
    const error = await thrown(stage.cloud.computeServices());
    expect(error).toMatchObject({ code, message: expect.stringMatching(message) as string });
    expect((error as LifeboatError).message).toMatch(/^list compute services: /);
  });

  it('a page of a proxy with status 404 is not taken for an instance that is gone', async () => {
    await using stage = await openStage();
    await stage.emulator.fault({ route: 'servers.show', effect: { kind: 'html', status: 404 } });
    const unknown = '00000000-0000-0000-0000-000000000000';
    await expect(stage.cloud.instance(unknown)).rejects.toMatchObject({ code: 'CLOUD_GARBAGE' });
  });

  it('a closed port is unreachable', async () => {
    // A port that an emulator has just left may be taken by the next one of a test beside this one: port 1 is nobody's.
    await using stage = await openStage({ timings: UNTRIED, credentials: { authUrl: 'http://127.0.0.1:1' } });
    await expect(stage.cloud.warmUp()).rejects.toMatchObject({
      code: 'CLOUD_UNREACHABLE',
      message: expect.stringMatching(/^login at http.*ECONNREFUSED/) as string,
    });
  });

  it('a wrong password, a member and a missing endpoint each have their code', async () => {
    await using wrong = await openStage({ options: { password: 'another' } });
    await expect(wrong.cloud.warmUp()).rejects.toMatchObject({ code: 'CLOUD_UNAUTHORIZED' });
    await using elsewhere = await openStage({ credentials: { region: 'south' } });
    await expect(elsewhere.cloud.warmUp()).rejects.toMatchObject({
      code: 'CLOUD_NO_ENDPOINT',
      message:
        'no compute endpoint public in south; the catalog has internal in RegionOne, public in RegionOne, admin in RegionOne',
    });
    await using place = await openStage();
    const { login } = credentialsOf(place.emulator);
    if (login.kind !== 'password') throw new Error('the stage logs in by password');
    const demo = { ...login, user: { name: 'demo', domain: { id: 'default' } } };
    await using member = await openStage({ credentials: { login: demo } });
    await expect(member.cloud.computeServices()).rejects.toMatchObject({ code: 'CLOUD_FORBIDDEN' });
  });

  it('a filter that Nova ignored is noticed before another host is taken for dead', async () => {
    await using stage = await openStage();
    const id = await stage.emulator.addInstance({ host: 'c2' });
    const listed = await fetch(`${stage.emulator.novaUrl}/servers/detail?all_tenants=1`, {
      headers: { 'x-auth-token': await tokenOf(stage), 'openstack-api-version': 'compute 2.93' },
    });
    await stage.emulator.fault({ route: 'servers.list', effect: { kind: 'body', body: await listed.text() } });
    await expect(stage.cloud.instancesOn('c1')).rejects.toMatchObject({
      code: 'CLOUD_FORBIDDEN',
      message: `list instances on c1: Nova ignored the host filter, it sent ${id} on c2`,
    });
  });

  it('an abort by the caller is the caller’s own reason', async () => {
    await using stage = await openStage();
    await stage.cloud.warmUp();
    await stage.emulator.fault({ route: 'services.list', effect: { kind: 'delay', ms: 2_000 } });
    const abort = new AbortController();
    const asked = stage.cloud.computeServices(abort.signal);
    abort.abort(new Error('deposed'));
    await expect(asked).rejects.toThrow('deposed');
  });
});

describe('secrets stay inside', () => {
  it.each([
    { kind: 'drop', when: 'before-executing' },
    { kind: 'status', status: 500, message: 'was sent secret' },
    { kind: 'status', status: 400, message: "'secret' is not of type 'object'" },
    { kind: 'html', status: 200 },
    { kind: 'delay', ms: 2_000 },
  ] satisfies readonly RequestEffect[])('no password and no token is in an error or a log after %j', async (effect) => {
    await using stage = await openStage({ timings: { attempts: 2, ...timingsFor(effect) } });
    await stage.emulator.fault({ route: 'token', effect, times: 2 });
    const login: unknown = await thrown(stage.cloud.warmUp());
    await stage.emulator.clearFaults();
    await stage.cloud.warmUp();
    await stage.emulator.fault({ route: 'evacuate', effect });
    const trouble = { kind: 'status', status: 503 } as const;
    await stage.emulator.fault({ route: 'services.list', effect: trouble, times: 1 });
    await stage.emulator.fault({ route: 'services.list', effect });
    const id = await stage.emulator.addInstance({ host: 'c1' });
    const errors = [
      login,
      await thrown(stage.cloud.evacuate(id, undefined)),
      await thrown(stage.cloud.computeServices()),
    ];
    const shown = inspect([errors, stage.log], { depth: 20, showHidden: true });
    expect(inspect(login)).not.toMatch(/\bsecret\b/);
    expect(shown).not.toMatch(/gAAAAA|x-auth-token|AxiosError/i);
    expect(stage.log.length).toBeGreaterThan(0);
  });
});

async function tokenOf(stage: Awaited<ReturnType<typeof openStage>>): Promise<string> {
  const body = JSON.stringify(loginRequest(credentialsOf(stage.emulator)));
  const answer = await fetch(`${stage.emulator.authUrl}/auth/tokens`, { method: 'POST', body });
  return answer.headers.get('x-subject-token') ?? '';
}

import { afterEach, describe, expect, it } from 'vitest';
import { USUAL_TIMINGS } from '../../../src/compute/libvirt/connection.ts';
import type { DomainEvent } from '../../../src/compute/libvirt/domain-event.ts';
import { PROCEDURE, REFUSAL } from '../../../src/compute/libvirt/procedures.ts';
import { LibvirtSession } from '../../../src/compute/libvirt/session.ts';
import { FakeLibvirtd } from '../../guests/fake/fake-libvirtd.ts';
import { virtualClock } from '../../support/virtual-clock.ts';

const UUID = '0b988f18-6559-429e-90e7-f204575a208b';

describe('a session with libvirt', () => {
  const clock = virtualClock();
  const libvirtd = (): FakeLibvirtd => new FakeLibvirtd(clock);
  const sessions: LibvirtSession[] = [];
  afterEach(() => {
    for (const session of sessions.splice(0)) session.close();
    expect(clock.scheduled).toBe(0);
  });
  const connect = async (fake: FakeLibvirtd, onEvent?: (event: DomainEvent) => void): Promise<LibvirtSession> => {
    const session = await LibvirtSession.open({
      dial: fake.dial,
      access: 'write',
      clock,
      timings: USUAL_TIMINGS,
      ...(onEvent === undefined ? {} : { onEvent }),
    });
    sessions.push(session);
    return session;
  };

  it('logs in by polkit where libvirt asks for that', async () => {
    const fake = libvirtd();
    fake.auth = [2];
    await expect(connect(fake)).resolves.toBeDefined();
    fake.refusals.set(PROCEDURE.authPolkit.number, REFUSAL.authFailed);
    await expect(connect(fake)).rejects.toMatchObject({ code: 'LIBVIRT_NO_PERMISSION' });
  });

  it('says so when libvirt wants a login that it does not know', async () => {
    const fake = libvirtd();
    fake.auth = [1];
    await expect(connect(fake)).rejects.toMatchObject({
      code: 'LIBVIRT_NO_PERMISSION',
      message: expect.stringContaining('1') as string,
    });
  });

  it('names what was asked, and libvirt’s own words, when a call is refused', async () => {
    const fake = libvirtd();
    fake.refusals.set(PROCEDURE.listDomains.number, 38);
    const session = await connect(fake);
    await expect(session.domains()).rejects.toMatchObject({
      code: 'LIBVIRT_FAILED',
      message: 'libvirt was asked for the list of domains and answered with error 38: refused by the fake',
    });
    fake.refusals.clear();
    expect(await session.domains()).toEqual([]);
  });

  it('gives up one call that does not come back, and goes on with the others', async () => {
    const fake = libvirtd();
    const guest = fake.define('a', UUID, { agent: 'hangs' });
    fake.start(guest);
    const session = await LibvirtSession.open({
      dial: fake.dial,
      access: 'write',
      clock,
      timings: { ...USUAL_TIMINGS, callMs: 1_000 },
    });
    sessions.push(session);
    const [domain] = await session.domains();
    if (domain === undefined) throw new Error('no domain');
    const ping = session.pingAgent(domain, 2);
    expect((await session.stateOf(domain))?.condition).toBe('running');
    await clock.advance(5_000);
    expect(await ping).toEqual({ kind: 'silent', message: 'refused by the fake' });
  });

  it('ends when libvirt leaves all the calls unanswered that it takes at one time', async () => {
    const fake = libvirtd();
    const session = await connect(fake);
    fake.freeze();
    const calls = Array.from({ length: 5 }, () => session.domains().catch((error: unknown) => error));
    await clock.advance(15_000);
    for (const error of await Promise.all(calls))
      expect(error).toMatchObject({ code: expect.stringMatching(/LIBVIRT_(TIMED_OUT|HUNG)/) as string });
    expect((await session.closed).code).toBe('LIBVIRT_HUNG');
  });

  it('notices a libvirt that hangs after 20 s, and not before 15', async () => {
    const fake = libvirtd();
    const session = await connect(fake);
    await clock.advance(60_000);
    let ended: string | undefined;
    void session.closed.then(({ code }) => (ended = code));
    fake.freeze();
    await clock.advance(15_000);
    expect(ended).toBeUndefined();
    await clock.advance(5_000);
    expect(ended).toBe('LIBVIRT_HUNG');
  });

  it('ends at the first unreadable message, and refuses every call that waits', async () => {
    const fake = libvirtd();
    const session = await connect(fake);
    fake.freeze();
    const call = session.domains().catch((error: unknown) => error);
    fake.raw(Buffer.alloc(28, 0xff));
    expect(await call).toMatchObject({ code: 'LIBVIRT_GARBAGE' });
    await expect(session.domains()).rejects.toMatchObject({ code: 'LIBVIRT_GARBAGE' });
  });

  it('hears each kind of event, and passes over kinds that it has not asked for', async () => {
    const fake = libvirtd();
    const guest = fake.define('a', UUID);
    const events: DomainEvent[] = [];
    const session = await connect(fake, (event) => events.push(event));
    fake.emit('reboot', guest);
    for (const source of ['lifecycle', 'reboot', 'watchdog', 'ioError', 'ioErrorReason', 'agentLifecycle'] as const) {
      await session.register(source);
    }
    fake.lifecycle(guest, 5, 5);
    fake.emit('reboot', guest);
    fake.emit('controlError', guest);
    fake.emit('watchdog', guest, (body) => body.int(1));
    fake.emit('ioError', guest, (body) => body.string('/secret').string('vda').int(2));
    fake.emit('ioErrorReason', guest, (body) => body.string('/secret').string('vda').int(1).string('enospc'));
    fake.emit('agentLifecycle', guest, (body) => body.int(2).int(2));
    await clock.settle();
    expect(events.map(({ domain: _, ...event }) => event)).toEqual([
      { source: 'lifecycle', event: 5, detail: 5 },
      { source: 'reboot' },
      { source: 'watchdog', action: 1 },
      { source: 'ioError', disk: 'vda', action: 2 },
      { source: 'ioErrorReason', disk: 'vda', action: 1, reason: 'enospc' },
      { source: 'agentLifecycle', state: 'disconnected' },
    ]);
    expect(events[0]?.domain).toEqual({ name: 'a', uuid: UUID, id: -1 });
  });
});

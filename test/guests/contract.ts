import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { ConnectionTimings } from '../../src/compute/libvirt/connection.ts';
import type { Domain } from '../../src/compute/libvirt/domain.ts';
import type { DomainEvent } from '../../src/compute/libvirt/domain-event.ts';
import { describeGuest } from '../../src/compute/guests/description.ts';
import { nameOf } from '../../src/compute/guests/event-names.ts';
import { LibvirtSession } from '../../src/compute/libvirt/session.ts';
import type { Access, Dial } from '../../src/compute/libvirt/session.ts';
import type { Clock } from '../../src/ports.ts';
import { eventually } from '../support/eventually.ts';

/** A libvirtd to hold against the contract, and hands on its host. */
export interface LibvirtStage {
  readonly dial: Dial;
  readonly clock: Clock;
  /** Defines a guest, which is off then; with an agent in it, or without a channel for one. */
  define(name: string, uuid: string, agent: 'in it' | 'no channel', maker: 'nova' | 'somebody'): Promise<void>;
  /** Answers when it runs; its agent may come later. */
  start(name: string): Promise<void>;
  /** kill -9 of its QEMU. */
  kill(name: string): Promise<void>;
  /** Ended from outside, as Nova does. */
  destroy(name: string): Promise<void>;
  crash(): Promise<void>;
  restart(): Promise<void>;
  freeze(): void;
  thaw(): void;
  dispose(): Promise<void>;
}

const WITH_AGENT = { name: 'with-agent', uuid: '0b988f18-6559-429e-90e7-f204575a208b' };
const BARE = { name: 'bare', uuid: 'f05cfff8-5097-4f65-afd0-d14a2370fdd4' };
const NOBODY: Domain = { name: 'nobody', uuid: '11111111-2222-3333-4444-555555555555', id: 7 };
const QUICK: ConnectionTimings = { keepAliveMs: 300, keepAliveMisses: 2, callMs: 5_000 };

/** What must be true of any libvirtd that we talk to. The tests build on one another, as starting guests takes time. */
export function holdLibvirtAgainstTheContract(name: string, open: () => Promise<LibvirtStage>): void {
  describe(`the contract of libvirt: ${name}`, () => {
    let stage: LibvirtStage;
    const sessions: LibvirtSession[] = [];
    const events: DomainEvent[] = [];

    beforeAll(async () => {
      stage = await open();
      await stage.define(WITH_AGENT.name, WITH_AGENT.uuid, 'in it', 'nova');
      await stage.define(BARE.name, BARE.uuid, 'no channel', 'somebody');
    });
    afterEach(() => {
      for (const session of sessions.splice(0)) session.close();
      events.length = 0;
    });
    afterAll(async () => stage?.dispose());

    const connect = async (
      access: Access = 'read',
      timings: Partial<ConnectionTimings> = {},
    ): Promise<LibvirtSession> => {
      const session = await LibvirtSession.open({
        dial: stage.dial,
        access,
        clock: stage.clock,
        timings: { keepAliveMs: 5_000, keepAliveMisses: 3, callMs: 15_000, ...timings },
        onEvent: (event) => events.push(event),
      });
      sessions.push(session);
      return session;
    };
    const domain = async (session: LibvirtSession, uuid: string): Promise<Domain> => {
      const found = (await session.domains()).find((each) => each.uuid === uuid);
      if (found === undefined) throw new Error(`no domain ${uuid}`);
      return found;
    };
    const heard = (uuid: string): readonly string[] =>
      events.filter((event) => event.domain.uuid === uuid).map((event) => nameOf(event).detail);

    it('lists guests that are off, with no id, and tells their state', async () => {
      const session = await connect();
      const found = (await session.domains()).map(({ name, uuid, id }) => ({ name, uuid, id }));
      expect(found).toHaveLength(2);
      expect(found).toEqual(
        expect.arrayContaining([
          { ...WITH_AGENT, id: -1 },
          { ...BARE, id: -1 },
        ]),
      );
      expect((await session.stateOf(await domain(session, BARE.uuid)))?.condition).toBe('off');
    });

    it('knows nothing of a guest that is not there, which is no error', async () => {
      const session = await connect('write');
      expect(await session.stateOf(NOBODY)).toBeUndefined();
      expect(await session.xmlOf(NOBODY)).toBeUndefined();
      expect(await session.pingAgent(NOBODY, 2)).toEqual({ kind: 'gone' });
    });

    it('describes whose a guest is and whether it has a channel for an agent', async () => {
      const session = await connect();
      const [nova, own] = await Promise.all([WITH_AGENT, BARE].map(({ uuid }) => domain(session, uuid)));
      expect(describeGuest((await session.xmlOf(nova ?? NOBODY)) ?? '')).toEqual({
        isInstance: true,
        hasAgentChannel: true,
      });
      expect(describeGuest((await session.xmlOf(own ?? NOBODY)) ?? '')).toEqual({
        isInstance: false,
        hasAgentChannel: false,
      });
    });

    it('tells of a start, and then shows the guest running under an id', async () => {
      const session = await connect();
      await session.register('lifecycle');
      await stage.start(WITH_AGENT.name);
      await stage.start(BARE.name);
      await eventually('the start is told', () => heard(WITH_AGENT.uuid).includes('STARTED_BOOTED'));
      const running = await domain(session, WITH_AGENT.uuid);
      expect(running.id).toBeGreaterThan(0);
      expect(await session.stateOf(running)).toEqual({ condition: 'running', reason: 1 });
    });

    it('tells nothing to whoever has not asked for events', async () => {
      const silent = await connect();
      const told: DomainEvent[] = [];
      const listening = await LibvirtSession.open({
        dial: stage.dial,
        access: 'read',
        clock: stage.clock,
        timings: QUICK,
        onEvent: (event) => told.push(event),
      });
      sessions.push(listening);
      await listening.register('lifecycle');
      await stage.destroy(BARE.name);
      await eventually('the end is told', () => told.some((event) => nameOf(event).detail === 'STOPPED_DESTROYED'));
      await stage.start(BARE.name);
      await silent.domains();
      expect(events).toEqual([]);
    });

    it('has the agent of a guest answer, on a connection that may write', async () => {
      const session = await connect('write');
      const guest = await domain(session, WITH_AGENT.uuid);
      const pong = async (): Promise<boolean> => (await session.pingAgent(guest, 2)).kind === 'pong';
      await eventually('its agent answers', pong, { withinMs: 60_000, everyMs: 200 });
      expect(await session.pingAgent(await domain(session, BARE.uuid), 2)).toEqual({ kind: 'no channel' });
    });

    it('refuses that on one that may only read', async () => {
      const session = await connect('read');
      const guest = await domain(session, WITH_AGENT.uuid);
      await expect(session.pingAgent(guest, 2)).rejects.toMatchObject({ code: 'LIBVIRT_NO_PERMISSION' });
      expect((await session.stateOf(guest))?.condition).toBe('running');
    });

    it('answers more questions at one time than it takes from one client', async () => {
      const session = await connect();
      const guest = await domain(session, WITH_AGENT.uuid);
      const states = await Promise.all(Array.from({ length: 100 }, () => session.stateOf(guest)));
      expect(states.every((state) => state?.condition === 'running')).toBe(true);
    });

    it('answers whoever asks whether it lives', async () => {
      const session = await connect('read', QUICK);
      const ended = await Promise.race([
        session.closed,
        new Promise((fulfil) => stage.clock.schedule(2_000, () => fulfil('still open'))),
      ]);
      expect(ended).toBe('still open');
    });

    it('tells STOPPED_FAILED when the QEMU of a guest is killed, and then calls it crashed', async () => {
      const session = await connect('write');
      await session.register('lifecycle');
      await stage.kill(WITH_AGENT.name);
      await eventually('its end is told', () => heard(WITH_AGENT.uuid).includes('STOPPED_FAILED'));
      const off = await domain(session, WITH_AGENT.uuid);
      expect(await session.stateOf(off)).toEqual({ condition: 'off', reason: 3 });
      expect(await session.pingAgent(off, 2)).toEqual({ kind: 'not running' });
    });

    it('is noticed when it hangs, within the time that the timings give', async () => {
      const session = await connect('read', QUICK);
      stage.freeze();
      const began = stage.clock.monotonic();
      const reason = await session.closed;
      const tookMs = stage.clock.monotonic() - began;
      stage.thaw();
      expect(reason.code).toBe('LIBVIRT_HUNG');
      expect(tookMs).toBeLessThan(2_000);
    });

    it('is noticed when it crashes, and serves again when it is back', async () => {
      const session = await connect();
      await stage.crash();
      expect((await session.closed).code).toBe('LIBVIRT_CLOSED');
      await expect(connect()).rejects.toMatchObject({ code: 'LIBVIRT_UNREACHABLE' });
      await stage.restart();
      expect((await (await connect()).domains()).map(({ name: each }) => each).sort()).toEqual(['bare', 'with-agent']);
    });
  });
}

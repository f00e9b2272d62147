import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Bus } from '../../../../src/compute/dbus/bus.ts';
import { openBus } from '../../../../src/compute/dbus/open-bus.ts';
import { systemClock } from '../../../../src/edge/clock.ts';
import { eventually } from '../../../support/eventually.ts';
import { recordingLogger, type RecordingLogger } from '../../../support/recording-logger.ts';
import { startBusServer, type BusServer } from './bus-server.ts';

const CALL = { destination: 'org.example', path: '/org/example', interface: 'org.example.Thing', member: 'Do' };
const RULE = {
  sender: 'org.example',
  path: '/org/example',
  interface: 'org.example.Thing',
  member: 'Done',
  arg0: 'one',
};
const SIGNAL = { path: RULE.path, interface: RULE.interface, member: RULE.member, signature: 's' };
const TEXT =
  "type='signal',sender='org.example',path='/org/example',interface='org.example.Thing',member='Done',arg0='one'";

describe('the bus', () => {
  let server: BusServer;
  let bus: Bus;
  let logger: RecordingLogger;

  const open = (deadlineMs = 2_000): void => {
    const randomness = { next: () => 0, uuid: () => '' };
    bus = openBus({ socketPath: server.socketPath, clock: systemClock, randomness, logger, deadlineMs });
  };
  const connected = (): Promise<true> => eventually('it is connected', () => bus.state().kind === 'connected');
  const away = (): Promise<true> => eventually('it is away', () => bus.state().kind === 'away');

  beforeEach(async () => {
    server = await startBusServer();
    logger = recordingLogger();
  });
  afterEach(async () => {
    bus.stop();
    await server.close();
  });

  it('answers calls with the values of their answers', async () => {
    server.onCall((call, reply) => reply.answer('sta(su)', [call.body?.[0], 12n, [['a', 7]]]));
    open();
    await connected();
    expect(await bus.call({ ...CALL, signature: 's', body: ['hej'] })).toEqual(['hej', 12n, [['a', 7]]]);
  });

  it('rejects a call with the words of the other side, and goes on', async () => {
    server.onCall((_call, reply) => reply.error('org.example.No', 'not today'));
    open();
    await connected();
    await expect(bus.call(CALL)).rejects.toMatchObject({
      code: 'DBUS_REFUSED',
      message: 'not today (org.example.No)',
      cause: 'org.example.No',
    });
    expect(bus.state().kind).toBe('connected');
  });

  it('rejects a call that cannot be written, and goes on', async () => {
    open();
    await connected();
    await expect(bus.call({ ...CALL, signature: 's', body: [12] })).rejects.toMatchObject({ code: 'DBUS_REFUSED' });
    expect(await bus.call(CALL)).toEqual([]);
  });

  it('tells the signals that fit a rule, and no others', async () => {
    const seen: unknown[] = [];
    open();
    await connected();
    await bus.match(RULE, ({ body }) => seen.push(body));
    server.signal({ ...SIGNAL, body: ['two'] });
    server.signal({ ...SIGNAL, path: '/elsewhere', body: ['one'] });
    server.signal({ ...SIGNAL, body: ['one'] });
    await eventually('a signal', () => seen.length > 0);
    expect(seen).toEqual([['one']]);
    expect(server.rules).toEqual([[TEXT]]);
  });

  it('comes back after it was lost, with all its rules in place before it says so', async () => {
    open();
    await bus.match(RULE, () => {});
    await connected();
    const states: string[] = [];
    bus.onState(({ kind }) => states.push(`${kind} with ${server.rules.at(-1)?.length ?? 0} rules`));
    server.drop();
    await eventually('it is back', () => states.length === 2);
    expect(states).toEqual(['away with 1 rules', 'connected with 1 rules']);
    expect(server.rules).toEqual([[TEXT], [TEXT]]);
    expect(logger.lines.filter((line) => line.startsWith('warn'))).toHaveLength(1);
  });

  it('rejects what waits for an answer when it is lost', async () => {
    server.onCall(() => server.drop());
    open();
    await connected();
    await expect(bus.call(CALL)).rejects.toMatchObject({ code: 'DBUS_UNREACHABLE' });
    await expect(bus.call(CALL)).rejects.toMatchObject({ code: 'DBUS_UNREACHABLE' });
  });

  it('gives a connection up that leaves a call without an answer', async () => {
    server.onCall(() => {});
    open(200);
    await connected();
    await expect(bus.call(CALL)).rejects.toMatchObject({ code: 'DBUS_TIMED_OUT' });
    expect(bus.state().kind).toBe('away');
    await connected();
  });

  it.each([
    ['does not log it in', 'refuses', /refuses|another way/],
    ['says nothing', 'mute', /no greeting/],
    ['says nothing after the login', 'silent after hello', /AddMatch .* not answered/],
    ['has too many clients', 'refuses hello', /too many/],
  ] as const)('tries again for ever when the bus %s', async (_what, mode, words) => {
    server.mode = mode;
    open(150);
    void bus.match(RULE, () => {});
    await away();
    expect(bus.state()).toMatchObject({ sentence: expect.stringMatching(words) as unknown });
    server.mode = 'well';
    await connected();
  });

  it('tries again when there is no socket, and says which', async () => {
    const { socketPath } = server;
    await server.close();
    open();
    await away();
    expect(bus.state()).toMatchObject({ sentence: `no bus at ${socketPath}: connect ENOENT ${socketPath}` });
  });

  it.each([
    ['of a length that nobody sends', Buffer.from('6c02000100ffff7f0100000000ffff7f', 'hex')],
    ['of a negative length', Buffer.from('6c020001ffffffff01000000ffffffff', 'hex')],
    [
      'that makes no sense',
      Buffer.concat([Buffer.from('6c04000100000000010000001000000', 'hex'), Buffer.alloc(64, 0xff)]),
    ],
  ])('gives a connection up that sends a message %s', async (_what, bytes) => {
    open();
    await connected();
    const states: unknown[] = [];
    bus.onState((state) => states.push(state));
    server.write(bytes);
    await eventually('it is back', () => states.length === 2);
    expect(states[0]).toMatchObject({ kind: 'away', sentence: expect.stringContaining('cannot be read') as unknown });
    expect(bus.state()).toEqual({ kind: 'connected', connection: 2 });
  });

  it('survives a listener that throws', async () => {
    open();
    await connected();
    await bus.match(RULE, () => {
      throw new Error('a defect');
    });
    server.signal({ ...SIGNAL, body: ['one'] });
    await eventually('it was said', () => logger.lines.some((line) => line.includes('a defect')));
    expect(await bus.call(CALL)).toEqual([]);
  });

  it('is away for good once it was stopped', async () => {
    open();
    await connected();
    const states: unknown[] = [];
    bus.onState((state) => states.push(state));
    bus.stop();
    await expect(bus.call(CALL)).rejects.toMatchObject({ code: 'DBUS_UNREACHABLE' });
    expect(states).toEqual([]);
  });
});

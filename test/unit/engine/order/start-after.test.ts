import { describe, expect, it } from 'vitest';
import type { Move, MoveState } from '../../../../src/engine/move.ts';
import { StartAfter, type StartAfterPorts } from '../../../../src/engine/order/start-after.ts';
import { recordingLogger, type RecordingLogger } from '../../../support/recording-logger.ts';
import { virtualClock, type VirtualClock } from '../../../support/virtual-clock.ts';

function move(name: string, state: MoveState, group?: string, after: readonly string[] = []): Move {
  const rank = { priority: 500, marked: false, group, after };
  return { id: name, instanceId: name, name, state, rank } as unknown as Move;
}

function bench(
  moves: readonly Move[],
  agentAnswers: StartAfterPorts['agentAnswers'] = () => undefined,
): {
  readonly clock: VirtualClock;
  readonly logger: RecordingLogger;
  readonly order: StartAfter;
  readonly now: (moves: readonly Move[]) => void;
} {
  const clock = virtualClock();
  const logger = recordingLogger();
  let current = moves;
  const order = new StartAfter({ clock, logger, moves: () => current, timeoutMs: 60_000, agentAnswers });
  return { clock, logger, order, now: (next) => (current = next) };
}

const app = move('app', 'waiting', 'app', ['db']);

describe('an instance that starts after a group', () => {
  it('waits until every member of it runs, and says so once', async () => {
    const { clock, logger, order, now } = bench([app, move('db1', 'done', 'db'), move('db2', 'accepted', 'db')]);
    expect(order.blockedBy(app)).toBe('db');
    await clock.advance(1_000);
    expect(order.blockedBy(app)).toBe('db');
    now([app, move('db1', 'done', 'db'), move('db2', 'done', 'db')]);
    await clock.advance(1_000);
    expect(order.blockedBy(app)).toBeUndefined();
    expect(logger.lines).toEqual(['info: app: waits until the group db runs']);
  });

  it('does not wait for a member that cannot be moved, nor for a group without a lost member', () => {
    expect(bench([app, move('db1', 'failed', 'db')]).order.blockedBy(app)).toBeUndefined();
    expect(bench([app, move('web', 'waiting', 'web')]).order.blockedBy(app)).toBeUndefined();
  });

  it('waits for the guest agent of a member where there is one', async () => {
    const answers = new Map<string, boolean>([['db1', false]]);
    const { clock, order } = bench([app, move('db1', 'done', 'db')], (id) => answers.get(id));
    expect(order.blockedBy(app)).toBe('db');
    answers.set('db1', true);
    await clock.advance(1_000);
    expect(order.blockedBy(app)).toBeUndefined();
  });

  it('waits for a group whose members have become known a moment ago', () => {
    const { order, now } = bench([app]);
    expect(order.blockedBy(app)).toBeUndefined();
    now([app, move('db1', 'waiting', 'db')]);
    order.forget();
    expect(order.blockedBy(app)).toBe('db');
  });

  it('goes on after the timeout, and says so once', async () => {
    const { clock, logger, order } = bench([app, move('db1', 'accepted', 'db')]);
    expect(order.blockedBy(app)).toBe('db');
    await clock.advance(59_000);
    expect(order.blockedBy(app)).toBe('db');
    await clock.advance(1_000);
    expect(order.blockedBy(app)).toBeUndefined();
    expect(order.blockedBy(app)).toBeUndefined();
    expect(logger.lines.at(-1)).toBe('warn: app: the group db does not run after 60 s; it is sent all the same');
    expect(logger.lines).toHaveLength(2);
  });

  it('does not wait in a circle, also over other groups', () => {
    const a = move('a', 'waiting', 'a', ['b']);
    const b = move('b', 'waiting', 'b', ['c']);
    const c = move('c', 'waiting', 'c', ['a']);
    const { order } = bench([a, b, c]);
    for (const each of [a, b, c]) expect(order.blockedBy(each)).toBeUndefined();
    const own = move('own', 'waiting', 'own', ['own']);
    expect(bench([own]).order.blockedBy(own)).toBeUndefined();
  });

  it('waits for two groups of which one waits for the other', () => {
    const moves = [app, move('db1', 'waiting', 'db', ['disk']), move('disk1', 'waiting', 'disk')];
    const { order } = bench(moves);
    expect(order.blockedBy(app)).toBe('db');
    expect(order.blockedBy(moves[1] ?? app)).toBe('disk');
    expect(order.blockedBy(moves[2] ?? app)).toBeUndefined();
  });
});

import { describe, expect, it } from 'vitest';
import { FreshLook } from '../../../src/daemon/fresh-look.ts';
import { virtualClock } from '../../support/virtual-clock.ts';

function stage() {
  const clock = virtualClock();
  const wakes: number[] = [];
  const look = new FreshLook(clock, () => wakes.push(clock.monotonic()), 10_000);
  const asked = () => {
    const answer: { seen?: boolean } = {};
    void look.ask().then((seen) => (answer.seen = seen));
    return answer;
  };
  return { clock, wakes, look, asked };
}

describe('a question about the cluster', () => {
  it('is not answered by a reading that began before it', async () => {
    const { clock, look, asked } = stage();
    const readAtMs = clock.now();
    await clock.advance(5);
    const answer = asked();
    await clock.advance(50);
    look.seen({ readAtMs });
    await clock.settle();
    expect(answer.seen).toBeUndefined();
    look.seen({ readAtMs: clock.now() });
    await clock.settle();
    expect(answer.seen).toBe(true);
  });

  it('has the cluster read at once, and any number of them at most once a second', async () => {
    const { clock, wakes, asked } = stage();
    asked();
    await clock.advance(1);
    for (let step = 0; step < 100; step += 1) {
      asked();
      await clock.advance(20);
    }
    expect(wakes).toEqual([0, 1_000, 2_000]);
  });

  it('is given up when no reading comes, and leaves nothing behind', async () => {
    const { clock, asked } = stage();
    const answer = asked();
    await clock.advance(10_000);
    expect(answer.seen).toBe(false);
    expect(clock.scheduled).toBe(0);
  });
});

import { describe, expect, it } from 'vitest';
import { Places } from '../../../src/engine/places.ts';
import { virtualClock } from '../../support/virtual-clock.ts';

const alike = (count: number): readonly number[] => Array.from({ length: count }, () => 1_000);

describe('the places of evacuations in flight', () => {
  it('are never given twice', () => {
    const places = new Places(5, virtualClock(), () => 1);
    expect(places.reserve({}, alike(3))).toBe(3);
    expect(places.reserve({}, alike(3))).toBe(1);
    expect(places.free).toBe(0);
    places.release(3);
    expect(places.free).toBe(3);
  });

  it('go to the first that waits until it has what it wants', () => {
    let inFlight = 5;
    const places = new Places(5, virtualClock(), () => inFlight);
    const [first, second] = [{}, {}];
    expect(places.reserve(first, alike(2))).toBe(0);
    inFlight = 4;
    expect(places.reserve(second, alike(2)), 'it is not its turn').toBe(0);
    expect(places.reserve(first, alike(2))).toBe(1);
    places.release(1);
    expect(places.reserve(first, alike(1))).toBe(1);
    places.release(1);
    expect(places.reserve(second, alike(2))).toBe(1);
  });

  it('are not kept for one that has not asked for a while, nor for one that could not use them', async () => {
    let inFlight = 5;
    const clock = virtualClock();
    const places = new Places(5, clock, () => inFlight);
    const [slow, unable, third] = [{}, {}, {}];
    for (const each of [slow, unable, third]) expect(places.reserve(each, alike(2))).toBe(0);
    await clock.advance(3_000);
    inFlight = 4;
    expect(places.reserve(unable, alike(2))).toBe(1);
    places.release(1);
    places.stepBack(unable);
    expect(places.reserve(third, alike(2))).toBe(1);
  });

  it('go to the most important that waits, and none to a less important one beside it', () => {
    const places = new Places(5, virtualClock(), () => 2);
    const [plain, mixed] = [{}, {}];
    places.announce(mixed, [2_000, 1_800, 200]);
    expect(places.reserve(plain, [1_000, 1_000]), 'the other one has a more important instance').toBe(0);
    expect(places.reserve(mixed, [2_000, 1_800, 200]), 'its third comes after those of the other').toBe(2);
    places.release(2);
    expect(places.share(plain, [1_000, 1_000]), 'what is announced counts').toBe(0);
  });

  it('go to others when the most important could not use them, and then to it again', () => {
    let inFlight = 4;
    const places = new Places(5, virtualClock(), () => inFlight);
    const [important, plain] = [{}, {}];
    expect(places.reserve(important, [2_000])).toBe(1);
    places.release(1);
    places.stepBack(important);
    expect(places.reserve(plain, alike(3))).toBe(1);
    places.release(1);
    inFlight = 4;
    expect(places.reserve(plain, alike(2)), 'it goes on while the other does not ask').toBe(1);
    places.release(1);
    expect(places.reserve(important, [2_000])).toBe(1);
  });

  it('go round when neither of two can use them, so that the more important one starves nobody', () => {
    const places = new Places(1, virtualClock(), () => 0);
    const [important, plain] = [{}, {}];
    const turn = (who: object, weight: number): boolean => {
      const had = places.reserve(who, [weight, weight]) === 1;
      if (had) places.release(1);
      if (had) places.stepBack(who);
      return had;
    };
    const turns = { important: 0, plain: 0 };
    for (let round = 0; round < 10; round += 1) {
      if (turn(important, 2_000)) turns.important += 1;
      if (turn(plain, 1_000)) turns.plain += 1;
    }
    expect(turns.plain).toBeGreaterThanOrEqual(4);
    expect(turns.important).toBeGreaterThanOrEqual(4);
    places.stepBack(important);
    places.announce(important, [2_000]);
    expect(places.share(plain, [1_000]), 'one that was passed over keeps nobody from sending').toBe(1);
  });
});

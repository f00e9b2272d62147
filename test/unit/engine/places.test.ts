import { describe, expect, it } from 'vitest';
import { Places } from '../../../src/engine/places.ts';
import { virtualClock } from '../../support/virtual-clock.ts';

describe('the places of evacuations in flight', () => {
  it('are never given twice', () => {
    const places = new Places(5, virtualClock(), () => 1);
    expect(places.reserve({}, 3)).toBe(3);
    expect(places.reserve({}, 3)).toBe(1);
    expect(places.free).toBe(0);
    places.release(3);
    expect(places.free).toBe(3);
  });

  it('go to the first that waits until it has what it wants', () => {
    let inFlight = 5;
    const places = new Places(5, virtualClock(), () => inFlight);
    const [first, second] = [{}, {}];
    expect(places.reserve(first, 2)).toBe(0);
    inFlight = 4;
    expect(places.reserve(second, 2), 'it is not its turn').toBe(0);
    expect(places.reserve(first, 2)).toBe(1);
    places.release(1);
    expect(places.reserve(first, 1)).toBe(1);
    places.release(1);
    expect(places.reserve(second, 2)).toBe(1);
  });

  it('are not kept for one that has not asked for a while, nor for one that could not use them', async () => {
    let inFlight = 5;
    const clock = virtualClock();
    const places = new Places(5, clock, () => inFlight);
    const [slow, unable, third] = [{}, {}, {}];
    for (const each of [slow, unable, third]) expect(places.reserve(each, 2)).toBe(0);
    await clock.advance(3_000);
    inFlight = 4;
    expect(places.reserve(unable, 2)).toBe(1);
    places.release(1);
    places.stepBack(unable);
    expect(places.reserve(third, 2)).toBe(1);
  });
});

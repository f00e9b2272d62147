import type { Randomness } from '../ports.ts';

/** Randomness that a seed decides wholly. */
export interface Chance extends Randomness {
  /** A whole number from `least` to `most`, both included. */
  between(least: number, most: number): number;
  /** True in one of `probability` cases: 0 never, 1 always. */
  happens(probability: number): boolean;
  pick<T>(from: readonly T[]): T;
  /** A stream of its own, so that more numbers drawn here change nothing there. */
  fork(name: string): Chance;
}

export function chanceFrom(seed: number | string): Chance {
  const next = sfc32(seedsOf(String(seed)));
  const chance: Chance = {
    next: () => next() / 4_294_967_296,
    uuid: () => {
      const hex = [next(), next(), next(), next()].map((word) => word.toString(16).padStart(8, '0')).join('');
      return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20)}`;
    },
    between: (least, most) => least + Math.floor(chance.next() * (most - least + 1)),
    happens: (probability) => chance.next() < probability,
    pick: (from) => {
      const picked = from[chance.between(0, from.length - 1)];
      if (picked === undefined) throw new RangeError('nothing to pick from');
      return picked;
    },
    fork: (name) => chanceFrom(`${seed}/${name}`),
  };
  return chance;
}

/** Four words from any text (xmur3). */
function seedsOf(text: string): readonly [number, number, number, number] {
  let hash = 1_779_033_703 ^ text.length;
  for (let index = 0; index < text.length; index++) {
    hash = Math.imul(hash ^ text.charCodeAt(index), 3_432_918_353);
    hash = (hash << 13) | (hash >>> 19);
  }
  const word = (): number => {
    hash = Math.imul(hash ^ (hash >>> 16), 2_246_822_507);
    hash = Math.imul(hash ^ (hash >>> 13), 3_266_489_909);
    return (hash ^= hash >>> 16) >>> 0;
  };
  return [word(), word(), word(), word()];
}

/** Small, fast, and good enough for schedules; not for secrets. Answers whole numbers of 32 bits. */
function sfc32([seedA, seedB, seedC, seedD]: readonly [number, number, number, number]): () => number {
  let [a, b, c, d] = [seedA | 0, seedB | 0, seedC | 0, seedD | 0];
  const next = (): number => {
    const sum = (((a + b) | 0) + d) | 0;
    d = (d + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = (c << 21) | (c >>> 11);
    c = (c + sum) | 0;
    return sum >>> 0;
  };
  for (let warmUp = 0; warmUp < 12; warmUp++) next();
  return next;
}

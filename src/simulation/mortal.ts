import type { SimulatedProcess } from './process.ts';

/** Where an engine is killed: at its n-th effect from now on, which still happens (`after`) or does not. */
export interface DeathWish {
  effectsLeft: number;
  readonly moment: 'before' | 'after';
}

export interface Mortality {
  readonly process: SimulatedProcess;
  readonly wish: () => DeathWish | undefined;
  readonly die: () => void;
}

/** Never resolves: what a dead process waits for. */
export function never<T>(): Promise<T> {
  return new Promise(() => undefined);
}

/**
 * The port for as long as its process lives. A dead process calls nothing, and no answer reaches it, so that everything it
 * had under way stops where it was. Methods named in `effects` count for the death wish.
 */
export function mortal<T extends object>(port: T, mortality: Mortality, effects: ReadonlySet<string>): T {
  const { die, process, wish } = mortality;
  const wrapped: Record<string, unknown> = {};
  for (const [name, method] of Object.entries(port)) {
    if (typeof method !== 'function') continue;
    const call = method as (...args: readonly unknown[]) => Promise<unknown>;
    const counts = effects.has(name);
    wrapped[name] = (...args: readonly unknown[]): Promise<unknown> => {
      if (!process.isAlive) return never();
      const wished = counts ? wish() : undefined;
      const isLast = wished !== undefined && --wished.effectsLeft === 0;
      if (isLast && wished.moment === 'before') {
        die();
        return never();
      }
      return answered(call(...args), isLast);
    };
  }
  return wrapped as T;

  async function answered(answer: Promise<unknown>, isLast: boolean): Promise<unknown> {
    let given: unknown;
    try {
      given = await answer;
    } catch (error) {
      if (isLast) die();
      if (!process.isAlive) return never();
      throw error;
    }
    if (isLast) die();
    return process.isAlive ? given : never();
  }
}

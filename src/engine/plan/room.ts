import type { Resources } from '../../openstack/inventory.ts';

/** A host that instances may come to. */
export interface Target {
  readonly host: string;
  readonly zone: string;
  readonly free: Resources;
  /** Kept for failures: taken only where the recovery method says so. */
  readonly reserved: boolean;
}

interface Left {
  readonly target: Target;
  readonly free: Record<string, number>;
}

/** What Nova's scheduler weighs by default, and what runs out first. */
const WEIGHED = 'MEMORY_MB';

/** What is left on the targets while a plan fills them. As Nova does by default, the emptiest is taken first. */
export class Room {
  readonly #left: readonly Left[];

  constructor(targets: readonly Target[]) {
    this.#left = targets.map((target) => ({ target, free: { ...target.free } }));
  }

  /** Takes what is needed on the best target that may be used and has it; undefined when there is none. */
  take(needs: Resources, mayUse: (target: Target) => boolean): Target | undefined {
    const wanted = Object.entries(needs);
    let best: Left | undefined;
    for (const each of this.#left) {
      if (best !== undefined && (each.free[WEIGHED] ?? 0) <= (best.free[WEIGHED] ?? 0)) continue;
      if (hasRoom(each.free, wanted) && mayUse(each.target)) best = each;
    }
    if (best === undefined) return undefined;
    for (const [name, amount] of wanted) best.free[name] = (best.free[name] ?? 0) - amount;
    return best.target;
  }

  has(needs: Resources): boolean {
    const wanted = Object.entries(needs);
    return this.#left.some(({ free }) => hasRoom(free, wanted));
  }
}

function hasRoom(free: Readonly<Record<string, number>>, wanted: readonly (readonly [string, number])[]): boolean {
  for (const [name, amount] of wanted) if ((free[name] ?? 0) < amount) return false;
  return true;
}

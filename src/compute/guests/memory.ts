import { STANDSTILLS } from './guest.ts';
import type { KnownGuest, KnownGuests } from './guest.ts';

/**
 * The known guests as text, to be kept over a restart of the monitor. They are those of one boot of the host (`boot`:
 * /proc/sys/kernel/random/boot_id): after another all are gone by themselves, and that is a failure of the host.
 */
export function rememberedText(boot: string, known: KnownGuests): string {
  return `${JSON.stringify({ version: 1, boot, guests: [...known.values()] })}\n`;
}

export type Remembered =
  | { readonly kind: 'guests'; readonly known: KnownGuests }
  | { readonly kind: 'nothing'; readonly why: 'first start' | 'other boot' | 'unreadable' };

/** What a former process wrote. Never throws: a file that somebody has spoilt must not keep the monitor from watching. */
export function remembered(text: string | undefined, boot: string): Remembered {
  if (text === undefined) return { kind: 'nothing', why: 'first start' };
  const written = parsed(text);
  if (written === undefined) return { kind: 'nothing', why: 'unreadable' };
  if (written.boot !== boot) return { kind: 'nothing', why: 'other boot' };
  return { kind: 'guests', known: new Map(written.guests.map((guest) => [guest.uuid, guest])) };
}

function parsed(text: string): { readonly boot: string; readonly guests: readonly KnownGuest[] } | undefined {
  try {
    const { version, boot, guests } = JSON.parse(text) as Readonly<Record<string, unknown>>;
    if (version !== 1 || typeof boot !== 'string' || !Array.isArray(guests)) return undefined;
    return guests.every(isGuest) ? { boot, guests } : undefined;
  } catch {
    return undefined;
  }
}

const CONDITIONS: ReadonlySet<unknown> = new Set(['runs', ...STANDSTILLS]);

function isGuest(value: unknown): value is KnownGuest {
  if (typeof value !== 'object' || value === null) return false;
  const { uuid, name, condition } = value as Readonly<Record<string, unknown>>;
  return typeof uuid === 'string' && typeof name === 'string' && CONDITIONS.has(condition);
}

import { LifeboatError } from '../../errors.ts';
import type { Bus } from '../dbus/bus.ts';
import type { UnitEnding, UnitRow } from './unit-state.ts';

export const SYSTEMD = 'org.freedesktop.systemd1';
export const MANAGER_PATH = '/org/freedesktop/systemd1';
export const MANAGER = `${SYSTEMD}.Manager`;
export const PROPERTIES = 'org.freedesktop.DBus.Properties';

/** What we ask systemd. All reject as `Bus.call` does, and with DBUS_GARBAGE for an answer of another shape. */
export class Systemd {
  readonly #bus: Bus;

  constructor(bus: Bus) {
    this.#bus = bus;
  }

  /** Without it systemd sends no signals. Once for each connection, and again after systemd was executed anew. */
  async subscribe(): Promise<void> {
    await this.#call('Subscribe').catch(unlessNamed('org.freedesktop.systemd1.AlreadySubscribed'));
  }

  /** Keeps systemd from forgetting how it ended, until this connection ends. A user other than root may be refused. */
  async keepLoaded(unit: string): Promise<void> {
    await this.#call('RefUnit', 's', [unit]);
  }

  /** One row for each, in the same order; all as they are at one moment. Loads those that are not. */
  async units(names: readonly string[]): Promise<readonly UnitRow[]> {
    if (names.length === 0) return [];
    const [rows] = await this.#call('ListUnitsByNames', 'as', [names]);
    if (!Array.isArray(rows) || rows.length !== names.length) throw garbage('ListUnitsByNames');
    return rows.map((row: unknown, index) => unitRow(names[index] ?? '', row));
  }

  /** How a service has ended. */
  async ending({ path }: UnitRow): Promise<UnitEnding> {
    const unit = (name: string): Promise<unknown> => this.#property(path, `${SYSTEMD}.Unit`, name);
    const service = (name: string): Promise<unknown> => this.#property(path, `${SYSTEMD}.Service`, name);
    const [activeEnter, activeExit, mainStart, mainExit, result, mainCode, mainStatus, triggers, binds] =
      await Promise.all([
        unit('ActiveEnterTimestampMonotonic'),
        unit('ActiveExitTimestampMonotonic'),
        service('ExecMainStartTimestampMonotonic'),
        service('ExecMainExitTimestampMonotonic'),
        service('Result'),
        service('ExecMainCode'),
        service('ExecMainStatus'),
        unit('TriggeredBy'),
        unit('BindsTo'),
      ]);
    if (typeof result !== 'string') throw garbage('Result');
    return {
      activeEnterUs: numberIn(activeEnter),
      activeExitUs: numberIn(activeExit),
      mainStartUs: numberIn(mainStart),
      mainExitUs: numberIn(mainExit),
      result,
      mainCode: numberIn(mainCode),
      mainStatus: numberIn(mainStatus),
      triggeredBy: await this.units(namesIn(triggers)),
      bindsTo: await this.units(namesIn(binds)),
    };
  }

  /** Does nothing to one that runs, and is refused while another order for it waits. */
  async start(unit: string): Promise<void> {
    // One that has hit its start limit takes no order before.
    await this.#call('ResetFailedUnit', 's', [unit]).catch(unlessNamed('org.freedesktop.systemd1.NoSuchUnit'));
    await this.#call('StartUnit', 'ss', [unit, 'fail']);
  }

  async #property(path: string, iface: string, name: string): Promise<unknown> {
    const call = { destination: SYSTEMD, path, interface: PROPERTIES, member: 'Get', signature: 'ss' };
    const [variant] = await this.#bus.call({ ...call, body: [iface, name] });
    if (typeof variant !== 'object' || variant === null || !('value' in variant)) throw garbage(name);
    return variant.value;
  }

  #call(member: string, signature = '', body: readonly unknown[] = []): Promise<readonly unknown[]> {
    return this.#bus.call({ destination: SYSTEMD, path: MANAGER_PATH, interface: MANAGER, member, signature, body });
  }
}

function unitRow(name: string, row: unknown): UnitRow {
  const [id, , loadState, activeState, subState, , path, , job] = Array.isArray(row) ? (row as unknown[]) : [];
  const texts = [id, loadState, activeState, subState, path, job];
  if (!texts.every((text) => typeof text === 'string')) throw garbage('ListUnitsByNames');
  const [a, b, c, d, e, f] = texts;
  return {
    name,
    id: a ?? '',
    loadState: b ?? '',
    activeState: c ?? '',
    subState: d ?? '',
    path: e ?? '',
    job: f ?? '',
  };
}

/** 64-bit numbers come as bigint; microseconds since boot fit into a number for 285 years. */
function numberIn(value: unknown): number {
  if (typeof value === 'number' || typeof value === 'bigint') return Number(value);
  throw garbage('a number');
}

function namesIn(value: unknown): readonly string[] {
  if (Array.isArray(value) && value.every((each) => typeof each === 'string')) return value;
  throw garbage('a list of units');
}

function garbage(what: string): LifeboatError {
  return new LifeboatError('DBUS_GARBAGE', `systemd answered something unreadable: ${what}`);
}

/** Swallows that one refusal. */
function unlessNamed(name: string): (error: unknown) => readonly unknown[] {
  return (error) => {
    if (error instanceof LifeboatError && error.code === 'DBUS_REFUSED' && error.cause === name) return [];
    throw error;
  };
}

import { isLifeboatError, LifeboatError, messageOf } from '../../errors.ts';
import type { Logger } from '../../ports.ts';
import type { Bus } from '../dbus/bus.ts';
import { hasEnded, judgeEnding, judgeRow } from './judge-unit.ts';
import type { Observation } from './observation.ts';
import type { ProcessSource } from './source.ts';
import { MANAGER, MANAGER_PATH, PROPERTIES, Systemd, SYSTEMD } from './systemd.ts';
import type { Heard, UnitRow } from './unit-state.ts';

/** A process that systemd runs. */
export interface WatchedUnit {
  /** As it is reported: the engine's configuration names it so. */
  readonly name: string;
  /** Service units of which the first that this host has is meant: distributions name them differently. */
  readonly units: readonly string[];
  /** When this host has none of them: expected ones (the default) are told as blindness, for somebody has named them. */
  readonly presence?: 'expected' | 'possible';
}

export interface UnitSourceOptions {
  readonly bus: Bus;
  readonly logger: Logger;
  readonly units: readonly WatchedUnit[];
  /** Signals tell of changes; so often it is looked whether one was missed, ms. */
  readonly everyMs: number;
  readonly settleMs: number;
}

const GAPS: Heard = { kind: 'gaps' };

/** Units of systemd. A signal only says "look now": what is believed is what systemd says when it is asked. */
export class UnitSource implements ProcessSource {
  readonly names: readonly string[];
  readonly everyMs: number;
  readonly settleMs: number;
  readonly #options: UnitSourceOptions;
  readonly #systemd: Systemd;
  /** Paths of units whose signals are asked for. */
  readonly #heardPaths = new Set<string>();
  /** By path, what was heard since it was seen running. */
  readonly #heard = new Map<string, Heard>();
  /** Units that this connection keeps loaded. */
  readonly #kept = new Set<string>();
  readonly #listeners: (() => void)[] = [];
  readonly #tried: Promise<void>;
  #isSubscribed = false;

  constructor(options: UnitSourceOptions) {
    const { bus, everyMs, settleMs, units } = options;
    this.#options = options;
    this.names = units.map(({ name }) => name);
    this.everyMs = everyMs;
    this.settleMs = settleMs;
    this.#systemd = new Systemd(bus);
    // Before the bus was tried there is nothing to say about it.
    this.#tried = new Promise((resolve) => bus.onState(() => resolve()));
    bus.onState(() => this.#beginAnew());
    const owner = { sender: 'org.freedesktop.DBus', path: '/org/freedesktop/DBus', interface: 'org.freedesktop.DBus' };
    // systemd that is executed anew has a new connection, and may have lost who listens.
    void bus.match({ ...owner, member: 'NameOwnerChanged', arg0: SYSTEMD }, () => this.#beginAnew());
    const manager = { sender: SYSTEMD, path: MANAGER_PATH, interface: MANAGER };
    void bus.match({ ...manager, member: 'Reloading' }, () => this.#wake());
  }

  readonly look = async (): Promise<ReadonlyMap<string, Observation>> => {
    if (this.#options.bus.state().kind === 'connecting') await this.#tried;
    try {
      return await this.#read();
    } catch (error) {
      const said: Observation = { kind: 'unknown', sentence: messageOf(error) };
      return new Map(this.names.map((name) => [name, said]));
    }
  };

  readonly canRestart = (): boolean => true;

  readonly restart = async (name: string): Promise<void> => {
    const { units } = this.#options;
    const rows = await this.#systemd.units(units.find((each) => each.name === name)?.units ?? []);
    const row = chosen(rows);
    if (row === undefined) throw new LifeboatError('DBUS_REFUSED', `there is no unit for ${name} here`);
    await this.#systemd.start(row.id);
  };

  readonly onWake = (listener: () => void): void => {
    this.#listeners.push(listener);
  };

  readonly stop = (): void => {
    this.#listeners.length = 0;
  };

  async #read(): Promise<ReadonlyMap<string, Observation>> {
    const { units } = this.#options;
    if (!this.#isSubscribed) {
      await this.#systemd.subscribe();
      this.#isSubscribed = true;
    }
    const asked = units.flatMap((each) => each.units);
    let rows = await this.#systemd.units(asked);
    // What happened before the bus knew that we listen must be looked at once more.
    if (await this.#listenTo(rows)) rows = await this.#systemd.units(asked);
    const byName = new Map(rows.map((row) => [row.name, row]));
    const seen = new Map<string, Observation>();
    for (const unit of units) {
      const row = chosen(unit.units.flatMap((candidate) => byName.get(candidate) ?? []));
      seen.set(unit.name, row === undefined ? notHere(unit) : await this.#observe(row).catch(refusalIsUnknown));
    }
    return seen;
  }

  async #observe(row: UnitRow): Promise<Observation> {
    await this.#keepLoaded(row.id);
    const heard = this.#heard.get(row.path) ?? GAPS;
    const observation = hasEnded(row) ? judgeEnding(row, await this.#systemd.ending(row), heard) : judgeRow(row);
    if (observation.kind === 'runs') this.#heard.set(row.path, { kind: 'all', jobs: 'none' });
    return observation;
  }

  async #keepLoaded(unit: string): Promise<void> {
    if (this.#kept.has(unit)) return;
    this.#kept.add(unit);
    await this.#systemd.keepLoaded(unit).catch((error: unknown) => {
      if (!isLifeboatError(error, 'DBUS_REFUSED')) throw error;
      const words = `how ${unit} ends may be forgotten before it is asked for: ${error.message}`;
      this.#options.logger.debug({ unit, hint: error.hint }, words);
    });
  }

  /** Whether there were new ones. */
  async #listenTo(rows: readonly UnitRow[]): Promise<boolean> {
    const { bus } = this.#options;
    const unheard = rows.filter(({ loadState, path }) => loadState !== 'not-found' && !this.#heardPaths.has(path));
    for (const { id, path } of unheard) {
      if (this.#heardPaths.has(path)) continue;
      this.#heardPaths.add(path);
      const change = { sender: SYSTEMD, path, interface: PROPERTIES, member: 'PropertiesChanged' };
      const job = { sender: SYSTEMD, path: MANAGER_PATH, interface: MANAGER, member: 'JobRemoved', arg2: id };
      await bus.match({ ...job }, () => this.#noteJob(path));
      await bus.match({ ...change, arg0: `${SYSTEMD}.Unit` }, () => this.#wake());
    }
    return unheard.length > 0;
  }

  /** Of a unit that was seen running: it is told to do something else. */
  #noteJob(path: string): void {
    if (this.#heard.get(path)?.kind === 'all') this.#heard.set(path, { kind: 'all', jobs: 'some' });
    this.#wake();
  }

  #beginAnew(): void {
    this.#isSubscribed = false;
    this.#kept.clear();
    this.#heard.clear();
    this.#wake();
  }

  #wake(): void {
    for (const listener of this.#listeners) listener();
  }
}

/** The first that is there, or else the first that is masked, which is an answer as well. */
function chosen(rows: readonly UnitRow[]): UnitRow | undefined {
  const there = rows.filter(({ activeState, loadState }) => loadState !== 'not-found' || activeState !== 'inactive');
  return there.find(({ loadState }) => loadState !== 'masked') ?? there[0];
}

function notHere({ presence, units }: WatchedUnit): Observation {
  const kind = presence === 'possible' ? 'absent' : 'unknown';
  return { kind, sentence: `there is no ${units.join(' or ')} on this host` };
}

/** A refusal is about the one unit that was asked about, which may be gone by now; all else is about the bus. */
function refusalIsUnknown(error: unknown): Observation {
  if (!isLifeboatError(error, 'DBUS_REFUSED')) throw error;
  return { kind: 'unknown', sentence: messageOf(error) };
}

import type { Bus, BusState } from '../../../src/compute/dbus/bus.ts';
import { fits, type MatchRule } from '../../../src/compute/dbus/match.ts';
import type { MethodCall, Signal } from '../../../src/compute/dbus/message.ts';
import { LifeboatError } from '../../../src/errors.ts';
import type { Clock } from '../../../src/ports.ts';
import { FakeUnit } from './fake-unit.ts';
import { FAKE_UNITS } from './fake-units.ts';

const SYSTEMD = 'org.freedesktop.systemd1';
const MANAGER = { path: '/org/freedesktop/systemd1', interface: `${SYSTEMD}.Manager` };
const BUS_BACK_MS = 300;

/** A bus in memory with a systemd on it, held to the real ones by test/processes/contract. */
export class FakeSystemd implements Bus {
  readonly units: ReadonlyMap<string, FakeUnit>;
  readonly #clock: Clock;
  readonly #subscriptions: { readonly rule: MatchRule; readonly onSignal: (signal: Signal) => void }[] = [];
  readonly #listeners: ((state: BusState) => void)[] = [];
  #state: BusState = { kind: 'connected', connection: 1 };
  #connections = 1;
  #isSubscribed = false;
  #us = 1_000_000;
  /** While set, nothing is answered: it answers with this instead. */
  refusal: LifeboatError | undefined;

  constructor(clock: Clock) {
    this.#clock = clock;
    const stamp = (): number => (this.#us += 1);
    const onChange = (unit: FakeUnit): void => this.#changed(unit);
    const made = Object.entries(FAKE_UNITS).map(
      ([name, definition]) => [name, new FakeUnit(name, definition, { clock, stamp, onChange })] as const,
    );
    this.units = new Map(made);
  }

  unit(name: string): FakeUnit {
    const found = this.units.get(name) ?? this.units.get(`${name}.service`);
    if (found === undefined) throw new Error(`there is no unit ${name}`);
    return found;
  }

  start(name: string): void {
    this.unit(name).start();
  }

  stopUnit(name: string): void {
    const unit = this.unit(name);
    unit.stop();
    this.#jobDone(unit);
  }

  kill(name: string): void {
    this.unit(name).kill();
  }

  reload(): void {
    this.#emit({ ...MANAGER, member: 'Reloading', body: [true] });
    this.#emit({ ...MANAGER, member: 'Reloading', body: [false] });
  }

  reexecute(): void {
    this.#isSubscribed = false;
    const bus = { path: '/org/freedesktop/DBus', interface: 'org.freedesktop.DBus' };
    this.#deliver({ kind: 'signal', ...bus, member: 'NameOwnerChanged', body: [SYSTEMD, ':1.1', ''] });
    this.#deliver({ kind: 'signal', ...bus, member: 'NameOwnerChanged', body: [SYSTEMD, '', ':1.9'] });
  }

  /** Comes back by itself unless it is kept away. */
  loseBus(how: 'for a moment' | 'for good' = 'for a moment'): void {
    this.#isSubscribed = false;
    this.#tell({ kind: 'away', sentence: 'the bus has closed the connection' });
    if (how === 'for a moment') this.#clock.schedule(BUS_BACK_MS, () => this.bringBusBack());
  }

  bringBusBack(): void {
    this.#connections += 1;
    this.#tell({ kind: 'connected', connection: this.#connections });
  }

  readonly state = (): BusState => this.#state;

  readonly onState = (listener: (state: BusState) => void): void => {
    this.#listeners.push(listener);
  };

  readonly match = async (rule: MatchRule, onSignal: (signal: Signal) => void): Promise<void> => {
    this.#subscriptions.push({ rule, onSignal });
  };

  readonly stop = (): void => {};

  readonly call = async ({ body = [], member, path }: MethodCall): Promise<readonly unknown[]> => {
    if (this.#state.kind !== 'connected') throw new LifeboatError('DBUS_UNREACHABLE', 'the bus is away');
    if (this.refusal !== undefined) throw this.refusal;
    switch (member) {
      case 'Subscribe':
        if (this.#isSubscribed) throw refused('AlreadySubscribed');
        this.#isSubscribed = true;
        return [];
      case 'RefUnit':
        return [];
      case 'ListUnitsByNames':
        return [(body[0] as readonly string[]).map((name) => this.#row(name))];
      case 'ResetFailedUnit':
        this.unit(String(body[0])).resetFailed();
        return [];
      case 'StartUnit':
        this.start(String(body[0]));
        return ['/org/freedesktop/systemd1/job/1'];
      case 'Get':
        return [{ signature: 'x', value: this.#property(path, String(body[1])) }];
      default:
        throw refused('UnknownMethod');
    }
  };

  #row(name: string): readonly unknown[] {
    const unit = this.units.get(name);
    const { activeState, path, subState } = unit ?? { activeState: 'inactive', subState: 'dead', path: '/none' };
    return [name, name, unit === undefined ? 'not-found' : 'loaded', activeState, subState, '', path, 0, '', '/'];
  }

  #property(path: string, name: string): unknown {
    const unit = [...this.units.values()].find((each) => each.path === path);
    if (unit === undefined) throw refused('UnknownObject');
    const { bindsTo, triggeredBy } = unit.definition;
    const values: Readonly<Record<string, unknown>> = {
      ActiveEnterTimestampMonotonic: BigInt(unit.activeEnterUs),
      ActiveExitTimestampMonotonic: BigInt(unit.activeExitUs),
      ExecMainStartTimestampMonotonic: BigInt(unit.mainStartUs),
      ExecMainExitTimestampMonotonic: BigInt(unit.mainExitUs),
      Result: unit.result,
      ExecMainCode: unit.mainCode,
      ExecMainStatus: unit.mainStatus,
      TriggeredBy: triggeredBy === undefined ? [] : [triggeredBy],
      BindsTo: bindsTo === undefined ? [] : [bindsTo],
    };
    if (!Object.hasOwn(values, name)) throw refused('UnknownProperty');
    return values[name];
  }

  #changed(unit: FakeUnit): void {
    const properties = { path: unit.path, interface: 'org.freedesktop.DBus.Properties', member: 'PropertiesChanged' };
    this.#emit({ ...properties, body: [`${SYSTEMD}.Unit`, {}, []] });
    if (unit.isRunning || unit.activeState === 'activating') return;
    for (const other of this.units.values()) {
      if (other.definition.bindsTo !== unit.name || !other.isRunning) continue;
      other.stop();
      this.#jobDone(other);
    }
  }

  #jobDone({ name }: FakeUnit): void {
    this.#emit({ ...MANAGER, member: 'JobRemoved', body: [1, '/org/freedesktop/systemd1/job/1', name, 'done'] });
  }

  #emit(signal: Omit<Signal, 'kind'>): void {
    if (this.#isSubscribed && this.#state.kind === 'connected') this.#deliver({ kind: 'signal', ...signal });
  }

  #deliver(signal: Signal): void {
    for (const { onSignal, rule } of this.#subscriptions) if (fits(rule, signal)) onSignal(signal);
  }

  #tell(state: BusState): void {
    this.#state = state;
    for (const listener of this.#listeners) listener(state);
  }
}

function refused(name: string): LifeboatError {
  return new LifeboatError('DBUS_REFUSED', name, { cause: `org.freedesktop.systemd1.${name}` });
}

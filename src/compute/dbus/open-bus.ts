import { isLifeboatError, LifeboatError, messageOf } from '../../errors.ts';
import type { Clock, Logger, Randomness } from '../../ports.ts';
import type { Bus, BusState } from './bus.ts';
import { dial, type BusConnection } from './connection.ts';
import { fits, matchText, type MatchRule } from './match.ts';
import type { MethodCall, Signal } from './message.ts';

export interface BusOptions {
  /** Default: where every distribution has the system bus. */
  readonly socketPath?: string;
  readonly clock: Clock;
  readonly randomness: Randomness;
  readonly logger: Logger;
  /** For the answer to each call, ms. */
  readonly deadlineMs?: number;
}

const SYSTEM_BUS = '/run/dbus/system_bus_socket';
const DEADLINE_MS = 10_000;
const FIRST_DELAY_MS = 200;
const LONGEST_DELAY_MS = 10_000;
/** A connection that lasts for less has not shown that the bus is well: the delay goes on growing. */
const LASTING_MS = 30_000;

interface Subscription {
  readonly rule: MatchRule;
  readonly onSignal: (signal: Signal) => void;
}

/** Connects at once, and again for ever after each loss, with growing delays and chance in them. */
export function openBus(options: BusOptions): Bus {
  return new ReconnectingBus(options);
}

class ReconnectingBus implements Bus {
  readonly #options: BusOptions;
  readonly #socketPath: string;
  readonly #subscriptions: Subscription[] = [];
  readonly #listeners: ((state: BusState) => void)[] = [];
  #connection: BusConnection | undefined;
  #state: BusState = { kind: 'connecting' };
  #connections = 0;
  #connectedAtMs = 0;
  #failures = 0;
  #life: 'running' | 'stopped' = 'running';
  #cancelRetry = (): void => {};

  constructor(options: BusOptions) {
    this.#options = options;
    this.#socketPath = options.socketPath ?? SYSTEM_BUS;
    void this.#connect();
  }

  readonly state = (): BusState => this.#state;

  readonly onState = (listener: (state: BusState) => void): void => {
    this.#listeners.push(listener);
  };

  readonly call = async (call: MethodCall): Promise<readonly unknown[]> => {
    if (this.#connection !== undefined) return this.#connection.call(call);
    const state = this.#state;
    throw new LifeboatError('DBUS_UNREACHABLE', state.kind === 'away' ? state.sentence : 'the bus was not reached yet');
  };

  readonly match = async (rule: MatchRule, onSignal: (signal: Signal) => void): Promise<void> => {
    this.#subscriptions.push({ rule, onSignal });
    const connection = this.#connection;
    if (connection === undefined) return;
    await addMatch(connection, rule).catch((error: unknown) => {
      // A connection that is lost says so itself; one that takes no rule is of no use, and the next may.
      if (isLifeboatError(error, 'DBUS_REFUSED')) this.#lose(connection, error);
    });
  };

  readonly stop = (): void => {
    this.#life = 'stopped';
    this.#cancelRetry();
    this.#connection?.close();
    this.#connection = undefined;
    this.#state = { kind: 'away', sentence: 'the watch has ended' };
  };

  async #connect(): Promise<void> {
    const { clock, deadlineMs = DEADLINE_MS } = this.#options;
    let connection: BusConnection | undefined;
    let lost: LifeboatError | undefined;
    try {
      const dialled = await dial({
        socketPath: this.#socketPath,
        clock,
        deadlineMs,
        onSignal: (signal) => this.#deliver(signal),
        onLost: (error) => {
          lost = error;
          if (connection !== undefined) this.#lose(connection, error);
        },
      });
      connection = dialled;
      // Those that are added meanwhile are reached as well: an array is walked as it is by then.
      for (const { rule } of this.#subscriptions) await addMatch(dialled, rule);
    } catch (error) {
      connection?.close();
      return this.#retry(isLifeboatError(error) ? error : asUnreachable(error));
    }
    if (this.#life === 'stopped') return connection.close();
    if (lost !== undefined) return this.#retry(lost);
    this.#connection = connection;
    this.#connectedAtMs = clock.monotonic();
    this.#connections += 1;
    if (this.#failures > 0) this.#options.logger.info({ socket: this.#socketPath }, 'D-Bus is back');
    this.#tell({ kind: 'connected', connection: this.#connections });
  }

  #lose(connection: BusConnection, error: LifeboatError): void {
    if (this.#connection !== connection) return;
    connection.close();
    this.#connection = undefined;
    if (this.#options.clock.monotonic() - this.#connectedAtMs >= LASTING_MS) this.#failures = 0;
    this.#retry(error);
  }

  #retry(error: LifeboatError): void {
    if (this.#life === 'stopped') return;
    const { clock, logger, randomness } = this.#options;
    this.#failures += 1;
    const fields = { socket: this.#socketPath, code: error.code, hint: error.hint, failures: this.#failures };
    if (this.#failures === 1) logger.warn(fields, `D-Bus is away: ${error.message}`);
    else logger.debug(fields, `D-Bus is still away: ${error.message}`);
    const delayMs = Math.min(LONGEST_DELAY_MS, FIRST_DELAY_MS * 2 ** Math.min(16, this.#failures - 1));
    this.#cancelRetry = clock.schedule(delayMs * (0.5 + randomness.next() / 2), () => void this.#connect());
    this.#tell({ kind: 'away', sentence: error.message });
  }

  #deliver(signal: Signal): void {
    for (const { onSignal, rule } of this.#subscriptions) {
      if (fits(rule, signal)) this.#guarded(() => onSignal(signal));
    }
  }

  #tell(state: BusState): void {
    this.#state = state;
    for (const listener of this.#listeners) this.#guarded(() => listener(state));
  }

  /** Here the event loop is right above: a defect of a listener must not end the monitor. */
  #guarded(tell: () => void): void {
    try {
      tell();
    } catch (error) {
      this.#options.logger.error({ error: messageOf(error) }, `what D-Bus told was not handled: ${messageOf(error)}`);
    }
  }
}

async function addMatch(connection: BusConnection, rule: MatchRule): Promise<void> {
  await connection.call({
    destination: 'org.freedesktop.DBus',
    path: '/org/freedesktop/DBus',
    interface: 'org.freedesktop.DBus',
    member: 'AddMatch',
    signature: 's',
    body: [matchText(rule)],
  });
}

function asUnreachable(cause: unknown): LifeboatError {
  return new LifeboatError('DBUS_UNREACHABLE', messageOf(cause), { cause });
}

import { systemClock } from '../../../src/edge/clock.ts';
import { novaCloud } from '../../../src/openstack/nova.ts';
import type { NovaCloud } from '../../../src/openstack/nova.ts';
import type { Credentials } from '../../../src/openstack/credentials.ts';
import type { Timings } from '../../../src/openstack/timings.ts';
import type { Clock, LogFields, Logger } from '../../../src/ports.ts';
import { startEmulator } from '../../emulator/index.ts';
import type { Emulator, EmulatorOptions, RequestEffect } from '../../emulator/index.ts';

/** Fast enough for a test, slow enough for a loaded machine. */
const QUICK: Partial<Timings> = {
  connectMs: 2_000,
  requestMs: 10_000,
  backoffMs: 5,
  maxBackoffMs: 20,
  budgetMs: 5_000,
};

/** A request times out soon only where the test waits for that: on a loaded machine a first connection takes long. */
export function timingsFor(effect: RequestEffect): Partial<Timings> {
  return effect.kind === 'delay' ? { requestMs: 500 } : {};
}

export interface LoggedLine {
  readonly fields: LogFields;
  readonly message: string;
}

export interface Stage {
  readonly emulator: Emulator;
  readonly cloud: NovaCloud;
  /** Everything that was logged. */
  readonly log: readonly LoggedLine[];
  /** Requests since the stage stood, as `PUT os-services 200`. */
  seen(): Promise<readonly string[]>;
  [Symbol.asyncDispose](): Promise<void>;
}

export interface StageChoice {
  readonly options?: Partial<EmulatorOptions>;
  readonly timings?: Partial<Timings>;
  readonly credentials?: Partial<Credentials>;
  readonly clock?: Clock;
  readonly beforeChange?: () => void;
}

/** Three hosts, c1 to c3, and a client that is logged in as admin. */
export async function openStage(choice: StageChoice = {}): Promise<Stage> {
  const emulator = await startEmulator({ options: { spawnMs: 20, ...choice.options } });
  for (const name of ['c1', 'c2', 'c3']) await emulator.addHost({ name });
  const log: LoggedLine[] = [];
  const cloud = novaCloud({
    credentials: { ...credentialsOf(emulator), ...choice.credentials },
    clock: choice.clock ?? systemClock,
    randomness: { next: () => 0.5, uuid: () => '00000000-0000-4000-8000-000000000000' },
    logger: recordingLogger(log),
    timings: { ...QUICK, ...choice.timings },
    ...(choice.beforeChange && { beforeChange: choice.beforeChange }),
  });
  return {
    emulator,
    cloud,
    log,
    seen: async () =>
      (await emulator.requests()).map(({ method, path, status }) => `${method} ${short(path)} ${status}`),
    async [Symbol.asyncDispose]() {
      cloud.close();
      await emulator.close();
    },
  };
}

function short(path: string): string {
  if (path.endsWith('/action')) return 'action';
  if (path.endsWith('/auth/tokens')) return 'login';
  return /^\/compute\/v2\.1\/([a-z-]*)/.exec(path)?.[1] ?? path;
}

export function credentialsOf(emulator: Emulator): Credentials {
  const domain = { id: 'default' };
  return {
    authUrl: emulator.authUrl.replace(/\/v3$/, ''),
    login: {
      kind: 'password',
      user: { name: 'admin', domain },
      password: 'secret',
      project: { name: 'admin', domain },
    },
    region: 'RegionOne',
    interface: 'public',
    tls: { kind: 'system' },
  };
}

export function recordingLogger(log: LoggedLine[]): Logger {
  const write = (fields: LogFields, message: string): void => {
    log.push({ fields, message });
  };
  return { debug: write, info: write, warn: write, error: write };
}

/** What was thrown; fails when nothing was. */
export async function thrown(promise: Promise<unknown>): Promise<unknown> {
  try {
    await promise;
  } catch (error) {
    return error;
  }
  throw new Error('nothing was thrown');
}

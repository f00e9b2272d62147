import { readFileSync } from 'node:fs';
import { configPath, loadConfig } from '../config/load.ts';
import type { Config } from '../config/config.ts';
import { systemClock } from '../edge/clock.ts';
import { systemRandomness } from '../edge/randomness.ts';
import { LifeboatError, isLifeboatError, messageOf } from '../errors.ts';
import { askGate, type GateAsk } from '../gate/ask.ts';
import { askNova } from '../gate/ask-nova.ts';
import { bootedAtMs, novaHostName } from '../gate/machine.ts';
import { judgeAtOnce, waitForGate } from '../gate/wait.ts';
import { cloudSource } from '../openstack/cloud-source.ts';
import type { NovaCloud } from '../openstack/nova.ts';
import { openCloud } from '../openstack/open-cloud.ts';
import type { Logger } from '../ports.ts';
import type { GateCommand } from './command.ts';
import { EXIT, type ExitCode, type Terminal } from './run.ts';

/** The journal gets our own lines only: each says what Keystone or Nova answered, if that matters. */
const SILENT: Logger = {
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
};

/** Shorter than the daemon's: when Nova is slow the gate asks again. */
const NOVA_TIMINGS = { requestMs: 15_000, attempts: 2, budgetMs: 2_000 };

/** `lifeboat gate wait` and `lifeboat gate check`: 0 may start, 1 may not, 2 when the configuration is wrong. */
export async function gate(command: GateCommand, terminal: Terminal): Promise<ExitCode> {
  let nova: NovaCloud | undefined;
  try {
    const config = loadConfig(command.file ?? configPath(terminal.environment));
    const timeoutMs = command.timeoutMs ?? config.gate.timeoutMs;
    nova = await openNova(config, terminal.environment);
    const ask = gateAsk(config, command, nova);
    const say = (line: string): void => {
      terminal.error(`lifeboat gate: ${line}\n`);
    };
    const verdict =
      command.verb === 'gate check'
        ? judgeAtOnce(await askGate(ask), config.gate.whenUnknown)
        : await waitForGate({
            ask: () => askGate(ask),
            clock: systemClock,
            say,
            limits: { ...config.gate, timeoutMs },
          });
    if (verdict.may === 'start') terminal.out(`lifeboat gate: ${verdict.line}\n`);
    else say(verdict.line);
    return verdict.may === 'start' ? EXIT.well : EXIT.unwell;
  } catch (error) {
    if (!isLifeboatError(error, 'CONFIG_INVALID')) throw error;
    terminal.error(`lifeboat gate: refused: ${messageOf(error)}\n${error.hint}\n`);
    return EXIT.misuse;
  } finally {
    // Its kept connections would keep the process.
    nova?.close();
  }
}

function gateAsk(config: Config, command: GateCommand, nova: NovaCloud | undefined): GateAsk {
  const { caFile, engines, requestTimeoutMs } = config.gate;
  const host = novaHostName(command.host ?? config.gate.host);
  if (engines.length === 0 && nova === undefined) {
    throw new LifeboatError('CONFIG_INVALID', 'neither gate.engines nor a cloud is configured: nobody can be asked');
  }
  return {
    host,
    purpose: command.purpose,
    engines: { engines, requestTimeoutMs, ca: caFile === undefined ? undefined : readCa(caFile) },
    nova: nova && (() => askNova({ cloud: nova, clock: systemClock, bootedAtMs }, host, command.purpose)),
    clock: systemClock,
  };
}

function readCa(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    throw new LifeboatError('CONFIG_INVALID', `gate.ca_file: ${path} cannot be read: ${messageOf(error)}`);
  }
}

/** Undefined when there are no credentials: Nova is the second one to ask, and need not be had. */
async function openNova(config: Config, environment: Terminal['environment']): Promise<NovaCloud | undefined> {
  if (config.cloud.name === undefined && environment.OS_AUTH_URL === undefined) return undefined;
  return openCloud({
    source: cloudSource(config.cloud, environment),
    clock: systemClock,
    randomness: systemRandomness,
    logger: SILENT,
    timings: NOVA_TIMINGS,
  });
}

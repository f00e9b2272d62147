import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { CONFIG_PATH, WAKE_FILE_NAME, socketPath } from './config/paths.ts';
import type { Config } from './config/config.ts';
import { configPath, loadConfig } from './config/load.ts';
import { localNodeName, pacemakerCluster } from './crm/read-snapshot.ts';
import { startBridgeOnly } from './daemon/bridge-only/daemon.ts';
import { startDaemon, type Daemon } from './daemon/daemon.ts';
import { openStore } from './daemon/open-store.ts';
import { systemClock } from './edge/clock.ts';
import { leaveOnDefect, sayLast } from './edge/last-words.ts';
import { createLogger } from './edge/log.ts';
import { systemRandomness } from './edge/randomness.ts';
import { tellSystemd } from './edge/tell-systemd.ts';
import { hasEnded, processIdentity } from './edge/process-identity.ts';
import { processUse } from './edge/process-use.ts';
import { Lease } from './engine/lease.ts';
import { isLifeboatError, LifeboatError, messageOf } from './errors.ts';
import { cloudSource } from './openstack/cloud-source.ts';
import { openCloud } from './openstack/open-cloud.ts';
import type { Logger } from './ports.ts';
import { openSpool } from './sink/spool.ts';
import { VERSION } from './version.ts';

/**
 * lifeboatd: the engine as Pacemaker starts it (ocf:lifeboat:engine). It stays in the foreground and logs JSON lines to
 * standard output.
 *
 * - SIGTERM, SIGINT: take no further step, close the socket, leave with 0. A kill -9 does no more harm (crash-only).
 * - SIGHUP, SIGPIPE: ignored; the terminal or the log's reader may go away, the engine may not.
 * - An error that nobody caught: told on standard error, exit 70, and Pacemaker starts it again.
 * - It cannot start: the same with 1, also while something it has begun would keep the process alive.
 * - A log that takes no more (a full disk): the lines are lost, the daemon goes on.
 * - Started by systemd (packaging/systemd/lifeboatd.service): it is told when the control socket answers.
 */
async function main(args: readonly string[]): Promise<void> {
  leaveOnDefect();
  if (args.includes('--version')) {
    process.stdout.write(`lifeboatd ${VERSION}\n`);
    return;
  }
  if (args.includes('--help') || args.length > 2 || (args.length > 0 && args[0] !== '--config')) {
    process.stdout.write(`usage: lifeboatd [--config FILE]   (default: LIFEBOAT_CONFIG, or ${CONFIG_PATH})\n`);
    process.exitCode = args.includes('--help') ? 0 : 2;
    return;
  }
  const config = loadConfig(args[1] ?? configPath(process.env));
  await run(config, createLogger(config.log.level));
}

async function run(config: Config, logger: Logger): Promise<void> {
  process.umask(0o027);
  mkdirSync(config.stateDirectory, { recursive: true, mode: 0o750 });
  mkdirSync(config.runtimeDirectory, { recursive: true, mode: 0o750 });
  const command = { clock: systemClock, timeoutMs: config.cluster.commandTimeoutMs };
  const localNode = await localNodeName(command);
  leaveOnSignals(
    config.sink === 'masakari'
      ? await runBridgeOnly(config, logger, localNode)
      : await runEngine(config, logger, localNode),
    logger,
  );
  tellSystemd('READY=1', process.env);
}

async function runEngine(config: Config, logger: Logger, localNode: string): Promise<Daemon> {
  const store = await openStore(config, {
    clock: systemClock,
    randomness: systemRandomness,
    environment: process.env,
    logger,
  });
  const lease = new Lease({
    store,
    clock: systemClock,
    logger,
    holder: processIdentity(localNode),
    isGone: (holder) => hasEnded(holder, localNode),
    durationMs: config.store.leaseDurationMs,
  });
  const cloud = await openCloud({
    source: cloudSource(config.cloud, process.env),
    clock: systemClock,
    randomness: systemRandomness,
    logger,
    // Short: the recovery has a patience of its own, and shows what it waits for.
    timings: { requestMs: config.evacuation.requestTimeoutMs, attempts: 3, budgetMs: 5_000 },
    beforeChange: () => lease.check(),
  });
  return startDaemon({
    ...commonPorts(config, logger, localNode),
    cloud,
    inventory: cloud,
    store,
    lease,
    tokens: { check: (token, signal) => cloud.checkToken(token, signal), authUrl: cloud.authUrl },
    meters: { cloudCalls: () => cloud.calls(), processUse },
  });
}

/** `sink: masakari`: no engine, no store, no lease. */
async function runBridgeOnly(config: Config, logger: Logger, localNode: string): Promise<Daemon> {
  const cloud = await openCloud({
    source: cloudSource(config.cloud, process.env),
    clock: systemClock,
    randomness: systemRandomness,
    logger,
    timings: { requestMs: config.evacuation.requestTimeoutMs, attempts: 3, budgetMs: 5_000 },
    beforeChange: () => {
      throw new LifeboatError('NOT_ALLOWED', 'with sink: masakari nothing is changed in Nova');
    },
  });
  return startBridgeOnly({
    ...commonPorts(config, logger, localNode),
    cloud,
    masakari: cloud.masakari(config.masakari.endpoint),
    spool: openSpool(join(config.stateDirectory, 'masakari-reports.db'), logger),
  });
}

function commonPorts(config: Config, logger: Logger, localNode: string) {
  const command = { clock: systemClock, timeoutMs: config.cluster.commandTimeoutMs };
  return {
    config,
    cluster: pacemakerCluster({ ...command, localNode }),
    clock: systemClock,
    randomness: systemRandomness,
    logger,
    localNode,
    pid: process.pid,
    socketPath: socketPath(config.runtimeDirectory),
    wakeFilePath: join(config.runtimeDirectory, WAKE_FILE_NAME),
  };
}

function leaveOnSignals(daemon: Daemon, logger: Logger): void {
  for (const ignored of ['SIGHUP', 'SIGPIPE'] as const) process.on(ignored, () => undefined);
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    process.once(signal, () => {
      logger.info({ signal }, `lifeboatd stops: ${signal}`);
      void daemon.stop().finally(() => process.exit(0));
    });
  }
}

main(process.argv.slice(2)).catch((error: unknown) => {
  const hint = isLifeboatError(error) ? `; ${error.hint}` : '';
  sayLast(`lifeboatd: ${messageOf(error)}${hint}\n`);
  process.exit(1);
});

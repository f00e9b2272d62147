import { serveApi } from '../api/listen.ts';
import { serveControl, type ControlServer } from '../control/server.ts';
import { parseAlert } from '../crm/alert-message.ts';
import { createHeart, type HeartPorts } from './heart.ts';
import { openWakeFile } from './open-wake-file.ts';
import { planStatus } from './plan-status.ts';
import { ownApiPorts } from './own-api-ports.ts';
import { masakariPorts, type TokenCheck } from './masakari-ports.ts';
import { metricsPorts, type Meters } from './metrics-ports.ts';
import { healthOf, statusOf } from './report.ts';

export interface DaemonPorts extends Omit<HeartPorts, 'apiStates'> {
  readonly socketPath: string;
  /** What the alert agent writes into; see wake-file.ts. */
  readonly wakeFilePath: string;
  /** Undefined: whoever comes with a token is refused, unless nobody is asked for one. */
  readonly tokens?: TokenCheck;
  readonly meters?: Meters;
}

export interface Daemon {
  stop(): Promise<void>;
}

/** The life of the daemon in one place: its heart, and the sockets and files through which the world reaches it. */
export async function startDaemon(ports: DaemonPorts): Promise<Daemon> {
  const { config, clock, logger } = ports;
  const heart = createHeart({ ...ports, apiStates: () => api.states });
  // Beside all else: it waits for the lease and for the store, and what it waits for must be told meanwhile.
  void heart.start().then(() => {
    heart.wake();
  });
  const masakari = masakariPorts(ports, heart);
  const api = serveApi({
    places: config.api.listen.map((place) => ({ ...place, tls: config.api.tls })),
    handlers: {
      gate: heart.gate,
      masakari,
      own: ownApiPorts(masakari, heart, ports),
      metrics: metricsPorts(masakari, heart, ports),
    },
    trustedProxies: config.api.trustedProxies,
    clock,
    logger,
  });
  const control: ControlServer = await serveControl({
    path: ports.socketPath,
    logger,
    handlers: {
      wake: (alert) => {
        heart.wake();
        const { kind, node, desc } = parseAlert(alert);
        logger.debug({ kind, node }, `woken by an alert: ${desc ?? kind}`);
      },
      health: () => healthOf(heart.facts()),
      status: () => statusOf(heart.facts()),
      plan: async (host) => planStatus(await heart.engine.plan(host)),
      order: heart.order,
    },
  });
  const wakeFile = openWakeFile(ports, () => {
    heart.wake();
  });
  heart.watch();
  logger.info({ node: ports.localNode, pid: ports.pid }, `lifeboatd runs on ${ports.localNode}`);

  return {
    async stop() {
      heart.stopWatching();
      wakeFile?.close();
      await control.close();
      await api.close();
      await heart.engine.stop();
      await ports.store.close();
    },
  };
}

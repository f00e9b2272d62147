import { serveControl } from '../../control/server.ts';
import { parseAlert } from '../../crm/alert-message.ts';
import type { Daemon } from '../daemon.ts';
import { openWakeFile } from '../open-wake-file.ts';
import { createBridgeOnlyHeart, type BridgeOnlyPorts } from './heart.ts';
import { bridgeOnlyHealth, bridgeOnlyStatus } from './report.ts';

export interface BridgeOnlyDaemonPorts extends BridgeOnlyPorts {
  readonly socketPath: string;
  /** What the alert agent writes into; see wake-file.ts. */
  readonly wakeFilePath: string;
}

/** The life of a daemon that has no engine. It serves no API: Masakari's is Masakari's. Throws STORE_UNUSABLE. */
export async function startBridgeOnly(ports: BridgeOnlyDaemonPorts): Promise<Daemon> {
  const { logger, socketPath, spool } = ports;
  const heart = createBridgeOnlyHeart(ports);
  const control = await serveControl({
    path: socketPath,
    logger,
    handlers: {
      wake: (alert) => {
        heart.wake();
        const { desc, kind, node } = parseAlert(alert);
        logger.debug({ kind, node }, `woken by an alert: ${desc ?? kind}`);
      },
      health: () => bridgeOnlyHealth(heart.facts()),
      status: () => bridgeOnlyStatus(heart.facts()),
      plan: async () => ({
        outcome: 'refused',
        reason: 'Masakari’s engine does the recoveries, and plans none',
        remedy: 'sink: engine in lifeboat.yaml gives them to Lifeboat',
      }),
      order: heart.order,
    },
  });
  heart.start();
  const wakeFile = openWakeFile(ports, () => {
    heart.wake();
  });
  logger.info({ node: ports.localNode, pid: ports.pid }, `lifeboatd runs on ${ports.localNode}, and tells Masakari`);
  return {
    async stop() {
      heart.stop();
      wakeFile?.close();
      await control.close();
      spool.close();
    },
  };
}

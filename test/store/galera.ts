import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { eventually } from '../support/eventually.ts';
import { createDatabaseServer, freePort, type DatabaseServer } from './server.ts';

export interface Galera {
  readonly nodes: readonly [DatabaseServer, DatabaseServer];
  remove(): Promise<void>;
}

/** Two nodes on loopback. The second begins with the files of the first, so nothing has to be transferred to it. */
export async function startGalera(): Promise<Galera> {
  const folder = mkdtempSync(join(tmpdir(), 'lifeboat-galera-'));
  const ports = [await freePort(), await freePort(), await freePort(), await freePort()];
  const settings = (own: number, ist: number): readonly string[] => [
    'wsrep_on = ON',
    'wsrep_provider = /usr/lib/galera/libgalera_smm.so',
    'wsrep_cluster_name = lifeboat',
    `wsrep_cluster_address = gcomm://127.0.0.1:${ports[0]},127.0.0.1:${ports[1]}`,
    'wsrep_node_address = 127.0.0.1',
    `wsrep_provider_options = "gmcast.listen_addr=tcp://127.0.0.1:${own};ist.recv_addr=127.0.0.1:${ist};gcache.size=16M"`,
    'wsrep_sst_method = copied',
    'binlog_format = ROW',
    'innodb_autoinc_lock_mode = 2',
    'innodb_flush_log_at_trx_commit = 0',
  ];
  const first = await createDatabaseServer({
    folder: join(folder, 'a'),
    path: folder,
    settings: settings(ports[0] ?? 0, ports[2] ?? 0),
  });
  const found = ['--wsrep-new-cluster'];
  await first.start(found);
  await first.stop('quit');
  placeTransferScript(folder, readFileSync(join(first.data, 'grastate.dat'), 'utf8'));
  const second = await createDatabaseServer({
    folder: join(folder, 'b'),
    path: folder,
    settings: settings(ports[1] ?? 0, ports[3] ?? 0),
    copyOf: first.data,
  });
  await first.start(found);
  await second.start();
  await eventually(
    'both nodes are in step',
    async () => {
      const size = "SHOW GLOBAL STATUS WHERE variable_name IN ('wsrep_cluster_size', 'wsrep_local_state_comment')";
      const values = await Promise.all([first, second].map((node) => node.rows<{ Value: string }>(size)));
      return values.every(
        (rows) =>
          rows
            .map(({ Value }) => Value)
            .toSorted()
            .join() === '2,Synced',
      );
    },
    { withinMs: 60_000, everyMs: 100 },
  );
  return {
    nodes: [first, second],
    async remove() {
      await Promise.all([first.remove(), second.remove()]);
    },
  };
}

/**
 * What a node runs when it joins: nothing is to be transferred. rsync and its script are in Debian's package of the
 * service only.
 */
function placeTransferScript(folder: string, grastate: string): void {
  const [, uuid = ''] = /^uuid:\s*(\S+)$/m.exec(grastate) ?? [];
  const [, seqno = ''] = /^seqno:\s*(\S+)$/m.exec(grastate) ?? [];
  const script = `#!/bin/sh
state=${uuid}:${seqno}
case " $* " in
  *joiner*) echo "ready 127.0.0.1:1/none"; echo "$state" ;;
  *) echo "done $state" ;;
esac
`;
  writeFileSync(join(folder, 'wsrep_sst_copied'), script, { mode: 0o755 });
}

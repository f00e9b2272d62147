/**
 * lifeboat-monitor, but for what it watches: the lines of a file are notifications. `told-by-file.ts DIRECTORY`, in which
 * monitor.yaml and events are.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { MonitorNotification } from '../../../src/compute/notification.ts';
import { loadMonitorConfig } from '../../../src/config/monitor/load.ts';
import { watchThisHost } from '../../../src/monitor/watch-this-host.ts';

const directory = process.argv[2] ?? '';
const config = loadMonitorConfig(join(directory, 'monitor.yaml'));

await watchThisHost(config, [
  {
    name: 'lines',
    start({ clock, onNotification, remember }) {
      let seen = Number(remember.read() ?? 0);
      let cancel: () => void = () => undefined;
      const look = (): void => {
        const lines = readFileSync(join(directory, 'events'), 'utf8').split('\n').slice(0, -1);
        for (const line of lines.slice(seen)) {
          // As the real ones: first it is told, then it is remembered. Who is killed between the two tells it twice.
          onNotification(JSON.parse(line) as MonitorNotification);
          seen += 1;
          remember.write(String(seen));
        }
        cancel = clock.schedule(5, look);
      };
      look();
      return {
        sight: () => ({ kind: 'watching', sentence: `${seen} lines` }),
        stop: () => {
          cancel();
        },
      };
    },
  },
]);

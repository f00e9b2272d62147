/** ocf:lifeboat:monitor, on a compute node. Its action `monitor` loads nothing but the socket. */
import { monitor } from './monitor/monitor.ts';
import { readCall } from './monitor/parameters.ts';
import { runAgent } from './run-agent.ts';

runAgent({
  name: 'monitor',
  readCall,
  monitor,
  start: () => import('./monitor/start.ts'),
  stop: () => import('./monitor/stop.ts'),
  validate: () => import('./monitor/validate.ts'),
  metadata: () => import('./monitor/metadata.ts'),
});

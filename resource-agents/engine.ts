/** ocf:lifeboat:engine. Its action `monitor` loads nothing but the socket. */
import { monitor } from './engine/monitor.ts';
import { readCall } from './engine/parameters.ts';
import { runAgent } from './run-agent.ts';

runAgent({
  name: 'engine',
  readCall,
  monitor,
  start: () => import('./engine/start.ts'),
  stop: () => import('./engine/stop.ts'),
  validate: () => import('./engine/validate.ts'),
  metadata: () => import('./engine/metadata.ts'),
});

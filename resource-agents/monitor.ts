/**
 * ocf:lifeboat:monitor, on a compute node. Pacemaker runs `monitor` every few seconds, so that path loads nothing but the
 * socket; the other actions are loaded when they are asked for. Exit codes and their meaning: ocf.ts.
 */
import { writeSync } from 'node:fs';
import { monitor } from './monitor/monitor.ts';
import { readCall, type MonitorCall } from './monitor/parameters.ts';
import { OCF, writeReason, type Outcome } from './ocf.ts';

const USAGE = 'usage: monitor {start|stop|monitor|validate-all|meta-data}\n';

async function act(action: string | undefined, call: MonitorCall): Promise<Outcome> {
  switch (action) {
    case 'monitor':
    case 'status':
      return monitor(call);
    case 'start':
      return (await import('./monitor/start.ts')).start(call);
    case 'stop':
      return (await import('./monitor/stop.ts')).stop(call);
    case 'validate-all': {
      const validation = (await import('./monitor/validate.ts')).validate(call);
      return validation.outcome === 'valid' ? { code: OCF.ok } : validation.failure;
    }
    case 'meta-data': {
      const { metadata } = await import('./monitor/metadata.ts');
      const { VERSION } = await import('../src/version.ts');
      writeSync(1, metadata(VERSION));
      return { code: OCF.ok };
    }
    case 'usage':
    case 'help':
      writeSync(1, USAGE);
      return { code: OCF.ok };
    default:
      writeSync(2, USAGE);
      return { code: OCF.unimplemented, reason: `no action ${action ?? '(none)'}` };
  }
}

function failed(error: unknown): Outcome {
  return { code: OCF.failed, reason: error instanceof Error ? error.message : String(error) };
}

void act(process.argv[2], readCall(process.env))
  .catch(failed)
  .then(({ code, reason }) => {
    if (reason !== undefined) writeReason(reason);
    process.exit(code);
  });

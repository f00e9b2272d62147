import { writeSync } from 'node:fs';
import { OCF, writeReason, type Outcome } from './ocf.ts';

type Action<Call> = (call: Call) => Promise<Outcome>;

/** What an agent does. All but `monitor` is loaded when it is asked for: Pacemaker runs that one every few seconds. */
export interface Agent<Call> {
  readonly name: string;
  readonly readCall: (environment: Readonly<Record<string, string | undefined>>) => Call;
  readonly monitor: Action<Call>;
  readonly start: () => Promise<{ readonly start: Action<Call> }>;
  readonly stop: () => Promise<{ readonly stop: Action<Call> }>;
  readonly validate: () => Promise<{
    readonly validate: (
      call: Call,
    ) => { readonly outcome: 'valid' } | { readonly outcome: string; readonly failure: Outcome };
  }>;
  readonly metadata: () => Promise<{ readonly metadata: (version: string) => string }>;
}

/** Does what the first word of the command line asks for, and ends the process. Exit codes and their meaning: ocf.ts. */
export function runAgent<Call>(agent: Agent<Call>): void {
  void act(agent, process.argv[2])
    .catch(failed)
    .then(({ code, reason }) => {
      if (reason !== undefined) writeReason(reason);
      process.exit(code);
    });
}

async function act<Call>(agent: Agent<Call>, action: string | undefined): Promise<Outcome> {
  const usage = `usage: ${agent.name} {start|stop|monitor|validate-all|meta-data}\n`;
  const call = agent.readCall(process.env);
  switch (action) {
    case 'monitor':
    case 'status':
      return agent.monitor(call);
    case 'start':
      return (await agent.start()).start(call);
    case 'stop':
      return (await agent.stop()).stop(call);
    case 'validate-all': {
      const validation = (await agent.validate()).validate(call);
      return 'failure' in validation ? validation.failure : { code: OCF.ok };
    }
    case 'meta-data': {
      const { metadata } = await agent.metadata();
      const { VERSION } = await import('../src/version.ts');
      writeSync(1, metadata(VERSION));
      return { code: OCF.ok };
    }
    case 'usage':
    case 'help':
      writeSync(1, usage);
      return { code: OCF.ok };
    default:
      writeSync(2, usage);
      return { code: OCF.unimplemented, reason: `no action ${action ?? '(none)'}` };
  }
}

function failed(error: unknown): Outcome {
  return { code: OCF.failed, reason: error instanceof Error ? error.message : String(error) };
}

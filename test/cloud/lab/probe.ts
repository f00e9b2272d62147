import { runCommand } from '../../cluster/lab/host-command.ts';
import { LabError } from '../../cluster/lab/lab-error.ts';
import type { CloudLayout } from './layout.ts';
import type { CloudPlan } from './plan.ts';
import { epmdPort, erlangPort } from './ports.ts';
import { ENVIRONMENT, inNetwork, runTool } from './process.ts';

const ASK = `fetch(process.argv[1], { signal: AbortSignal.timeout(30000) })
  .then((response) => process.exit(response.status < 500 ? 0 : 1), () => process.exit(1))`;

/** Whether an HTTP service answers, seen from the cloud's network. */
export async function isAnswering(layout: CloudLayout, plan: CloudPlan, url: string): Promise<boolean> {
  if (plan.netns !== null) {
    const argv = [process.execPath, '-e', ASK, url];
    return (await runTool(layout, plan.netns, argv, { allowFailure: true })).code === 0;
  }
  try {
    // uwsgi takes connections before it has loaded the service, so one long wait is an exact one.
    const response = await fetch(url, { signal: AbortSignal.timeout(30_000), headers: { connection: 'close' } });
    await response.arrayBuffer();
    return response.status < 500;
  } catch {
    return false;
  }
}

/** Throws LabError `in-use` that names the first port that somebody listens on already. */
export async function refuseTakenPorts(plan: CloudPlan): Promise<void> {
  const taken = await listeningPorts(plan.netns);
  const wanted = { ...plan.ports, epmd: epmdPort(plan.ports), 'erlang nodes': erlangPort(plan.ports) };
  for (const [service, port] of Object.entries(wanted)) {
    if (taken.has(port)) {
      throw new LabError('in-use', `port ${port} (${service}) is taken; choose another --port-offset`);
    }
  }
}

/** TCP ports that are listened on, on any address of that network. */
export async function listeningPorts(netns: string | null): Promise<ReadonlySet<number>> {
  const argv = inNetwork(netns, ['cat', '/proc/net/tcp', '/proc/net/tcp6']);
  // Without IPv6 the second file is not there.
  const { stdout } = await runCommand(argv, { env: { ...ENVIRONMENT }, allowFailure: true });
  const LISTEN = '0A';
  const rows = stdout.split('\n').map((line) => line.trim().split(/\s+/));
  return new Set(
    rows.filter((row) => row[3] === LISTEN).map((row) => Number.parseInt(row[1]?.split(':').at(-1) ?? '', 16)),
  );
}

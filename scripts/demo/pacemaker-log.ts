import { createInterface } from 'node:readline';
import { pacemakerTime } from '../../test/bench/trace/log-moments.ts';
import type { Lab, LabProcess } from '../../test/cluster/lab/index.ts';

export interface PacemakerMoment {
  readonly atMs: number;
  readonly kind: 'lost' | 'ordered' | 'confirmed';
  readonly text: string;
}

const PACEMAKER_LOG = '/var/log/pacemaker/pacemaker.log';
const LOST = 'Lost connection to Pacemaker Remote node';
const ORDERED = 'Requesting fencing';

/** What a line of a controller's Pacemaker log says of the fate of a host; undefined when it is not one of the three. */
export function pacemakerMoment(line: string, host: string, controller: string): PacemakerMoment | undefined {
  const atMs = pacemakerTime(line, Date.now());
  if (atMs === undefined) return undefined;
  if (line.endsWith(`${LOST} ${host}`)) {
    return { atMs, kind: 'lost', text: `Pacemaker on ${controller} has lost ${host}: it does not answer any more` };
  }
  const [, ordered] = new RegExp(`${ORDERED} \\((\\w+)\\) of node ${host} `).exec(line) ?? [];
  if (ordered !== undefined)
    return { atMs, kind: 'ordered', text: `the DC ${controller} orders the fencing: ${ordered}` };
  const [, action, by] = new RegExp(`Operation '(\\w+)' targeting ${host} by (\\S+) .*: OK`).exec(line) ?? [];
  if (action === undefined || by === undefined) return undefined;
  return { atMs, kind: 'confirmed', text: `Pacemaker knows: ${action} of ${host} by ${by} has succeeded` };
}

/** Tells each of the three moments once, from whichever controller it is heard first. Stop the processes to end it. */
export function followPacemakerLogs(
  lab: Lab,
  host: string,
  onMoment: (moment: PacemakerMoment) => void,
): readonly LabProcess[] {
  const told = new Set<PacemakerMoment['kind']>();
  const patterns = [`${LOST} ${host}`, `${ORDERED} .* of node ${host}`, `finalize_op.*targeting ${host}`].join('|');
  const command = `tail -n 0 -F ${PACEMAKER_LOG} | grep --line-buffered -E '${patterns}'`;
  const controllers = lab.nodes.filter(({ role }) => role === 'controller');
  return controllers.map(({ name }) => {
    const tail = lab.spawn(name, ['sh', '-c', command]);
    createInterface({ input: tail.stdout }).on('line', (line) => {
      const moment = pacemakerMoment(line, host, name);
      if (moment === undefined || told.has(moment.kind)) return;
      told.add(moment.kind);
      onMoment(moment);
    });
    return tail;
  });
}

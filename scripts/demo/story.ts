import type { RecoveryStatus } from '../../src/control/protocol.ts';
import { cutAndFollow, type FollowedCut } from '../../test/bench/follow-cut.ts';
import type { Rig } from '../../test/cluster/rig/rig.ts';
import { waitFor } from '../../test/cluster/lab/index.ts';
import { followDaemonLog, type LogLine } from './daemon-log.ts';
import { inOrder, type InOrder } from './in-order.ts';
import { movesBoard, type Step } from './moves-board.ts';
import { followPacemakerLogs } from './pacemaker-log.ts';
import type { Mood, Screen } from './screen.ts';

export interface Told extends FollowedCut {
  readonly recovery: RecoveryStatus | undefined;
  /** When Lifeboat gave the host back to Nova; undefined when it did not within two minutes. */
  readonly releasedAtMs: number | undefined;
}

const RELEASED_WITHIN_MS = 120_000;

/** Cuts the power of a host and tells what happens, as it happens, until the host may run instances again. */
export async function tellPowerCut(rig: Rig, screen: Screen, host: string): Promise<Told> {
  const { lab, cloud } = rig;
  const engineNode = (await rig.engineNode()) ?? 'ctl1';
  const { instances } = await cloud.state();
  const doomed = instances.filter((instance) => instance.host === host);
  const names = new Map(doomed.map(({ id, name }) => [id, name]));
  const board = movesBoard([...names.values()]);
  const events = inOrder();
  const say: Say = (atMs, text, mood) => {
    events.add(atMs, () => {
      screen.event(atMs, text, mood);
    });
  };
  // The board is advanced when the event is told, so that its tally is right in the order of the events.
  const step: TellStep = (atMs, name, reached, where) => {
    events.add(atMs, () => {
      const line = board.advance(name, reached, where);
      if (line !== undefined) screen.event(atMs, line);
    });
  };
  let releasedAtMs: number | undefined;
  const tail = followDaemonLog(lab, engineNode, (line) => {
    if (line.to === 'released' && line.host === host) releasedAtMs = line.atMs;
    tellLogLine(line, names, step, say);
  });
  const pacemaker = followPacemakerLogs(lab, host, ({ atMs, kind, text }) => {
    say(atMs, text, kind === 'lost' ? 'bad' : 'plain');
  });
  let during: Promise<void> | undefined;
  try {
    const followed = await cutAndFollow(rig, host, {
      onCut: (atMs) => {
        screen.startClock(atMs);
        say(atMs, `the power of ${host} is cut; ${doomed.length} instances are gone with it`, 'bad');
      },
      onAsked: (atMs) => {
        say(atMs, `the fence device of ${host} is asked to make sure that it is off`);
      },
      onFenced: (atMs) => {
        say(atMs, `the fence device answers: ${host} was off`);
      },
      onRunning: (places, atMs) => {
        during ??= showDuring(rig, screen, events, engineNode);
        for (const [id, place] of places) step(atMs, names.get(id) ?? id, 'runs', place);
      },
    });
    await during;
    await waitFor(`the release of ${host}`, () => releasedAtMs !== undefined, {
      deadlineMs: RELEASED_WITHIN_MS,
    }).catch(() => {}); // told in the table and by the exit status
    await lab.waitIdle().catch(() => {}); // a cluster that is busy still is no reason to lose the story
    events.flush();
    const status = await rig.status();
    const recovery = status?.recoveries.find((each) => each.host === host);
    return { ...followed, recovery, releasedAtMs };
  } finally {
    await Promise.all([tail, ...pacemaker].map((process) => process.stop()));
    events.flush();
  }
}

type Say = (atMs: number, text: string, mood?: Mood) => void;
type TellStep = (atMs: number, name: string, reached: Step, where?: string) => void;

/** A move's lines become its bar; everything else is told in the daemon's own words. */
function tellLogLine(line: LogLine, names: ReadonlyMap<string, string>, step: TellStep, say: Say): void {
  const name = line.instance === undefined ? undefined : names.get(line.instance);
  if (name === undefined || line.to === undefined) say(line.atMs, `lifeboatd: ${line.message}`, moodOf(line));
  else if (line.to === 'sending') step(line.atMs, name, 'sent to Nova');
  else if (line.to === 'accepted') step(line.atMs, name, 'taken by Nova');
  else if (line.to === 'done') step(line.atMs, name, 'verified', / on (\S+?)(?::|$)/.exec(line.message)?.[1]);
  else if (line.to !== 'waiting') say(line.atMs, `lifeboatd: ${line.message}`, 'bad');
}

function moodOf({ level, to }: LogLine): Mood {
  if (level === 'warn' || level === 'error' || to === 'held' || to === 'failed') return 'bad';
  return to === 'recovered' || to === 'released' ? 'good' : 'plain';
}

/** crm_mon shows no attributes of a node that is offline, so `lifeboat status` stands beside it. */
async function showDuring({ lab }: Rig, screen: Screen, events: InOrder, engineNode: string): Promise<void> {
  const atMs = Date.now();
  const [crmMon, status] = await Promise.all([
    lab.crmMon(engineNode),
    lab.exec(engineNode, ['lifeboat', 'status'], { allowFailure: true }),
  ]);
  events.add(atMs, () => {
    screen.event(atMs, 'crm_mon now:');
    screen.block(crmMon);
    screen.event(atMs, 'lifeboat status now:');
    screen.block(status.stdout);
  });
}

import { describe, expect, it } from 'vitest';
import { tableLines } from '../../bench/table.ts';
import { parseDemoArguments } from '../../../scripts/demo/arguments.ts';
import { parseLogLine } from '../../../scripts/demo/daemon-log.ts';
import { inOrder } from '../../../scripts/demo/in-order.ts';
import { movesBoard } from '../../../scripts/demo/moves-board.ts';
import { pacemakerMoment } from '../../../scripts/demo/pacemaker-log.ts';
import { progressBar } from '../../../scripts/demo/progress-bar.ts';
import { createScreen } from '../../../scripts/demo/screen.ts';
import { shellLine } from '../../../scripts/demo/shell-line.ts';
import { timesTable } from '../../../scripts/demo/times.ts';

describe('a progress bar', () => {
  it('grows with what is done', () => {
    expect(progressBar(0, 10, 10)).toBe('[----------]  0/10');
    expect(progressBar(4, 10, 10)).toBe('[####------]  4/10');
    expect(progressBar(10, 10, 10)).toBe('[##########] 10/10');
  });

  it('is never full before all is done', () => {
    expect(progressBar(99, 100, 10)).toBe('[#########-]  99/100');
  });

  it('is full when there was nothing to do', () => {
    expect(progressBar(0, 0, 4)).toBe('[####] 0/0');
  });
});

describe('the board of moves', () => {
  it('tells each step once, never backwards, with the tally at the end', () => {
    const board = movesBoard(['web-1', 'web-2']);
    expect(board.advance('web-1', 'taken by Nova')).toBe('web-1  [##########----------] 2/4  taken by Nova');
    expect(board.advance('web-1', 'taken by Nova')).toBeUndefined();
    expect(board.advance('web-1', 'verified', 'cmp2')).toContain('4/4  verified on cmp2  1 of 2 recovered');
    expect(board.advance('web-1', 'runs', 'cmp2')).toBeUndefined();
    expect(board.advance('a stranger', 'runs', 'cmp2')).toBeUndefined();
  });

  it('tells only the last step of each when there are many', () => {
    const board = movesBoard(Array.from({ length: 13 }, (_, index) => `web-${index + 1}`));
    expect(board.advance('web-9', 'runs', 'cmp2')).toBeUndefined();
    expect(board.advance('web-9', 'verified', 'cmp2')).toContain('1 of 13 recovered');
  });
});

describe('the screen', () => {
  const written = (colours: boolean): string => {
    let text = '';
    const screen = createScreen({ write: (more) => (text += more), colours });
    screen.startClock(1_000);
    screen.event(8_312, 'fenced', 'good');
    screen.block('one\n\ntwo\n');
    return text;
  };

  it('shows the time since the cut, and is plain text without colours', () => {
    expect(written(false)).toBe('+   7.312 s  fenced\n    one\n\n    two\n');
  });

  it('colours only when asked to', () => {
    expect(written(true)).toContain('\u001b[32mfenced\u001b[0m');
  });

  it('tells events in the order in which they happened, however late they are heard of', () => {
    const told: number[] = [];
    const events = inOrder();
    for (const atMs of [30, 10, 20]) {
      events.add(atMs, () => {
        told.push(atMs);
      });
    }
    events.flush();
    expect(told).toEqual([10, 20, 30]);
  });
});

describe('a table', () => {
  it('has the first column to the left and the others to the right', () => {
    expect(
      tableLines([
        ['', 'ms'],
        ['median', '7'],
        ['all', '1234'],
      ]),
    ).toEqual(['          ms', 'median     7', 'all     1234']);
  });

  it('of times says what did not happen', () => {
    const cut = { cutAtMs: 0, askedAtMs: 6_000, fencedAtMs: undefined, firstAcceptedAtMs: undefined };
    const lines = timesTable({
      cut: { ...cut, lastRunningAtMs: undefined },
      recovery: undefined,
      releasedAtMs: undefined,
    });
    expect(lines.find((line) => line.startsWith('fence device asked'))).toMatch(/6\.000 s +6\.000 s$/);
    expect(lines.find((line) => line.startsWith('fence device answered'))).toContain('did not happen');
  });
});

describe('what the demo reads and prints', () => {
  it('quotes what a shell would not take as it is', () => {
    expect(shellLine(['pcs', 'rule', '#kind', 'score=-INFINITY', "it's", ''])).toBe(
      `pcs rule '#kind' score=-INFINITY 'it'\\''s' ''`,
    );
  });

  it('reads a line of the daemon, and no half line', () => {
    const text =
      '{"level":"info","time":"2026-11-22T21:00:59.100Z","host":"cmp1","from":"held","to":"evacuating","message":"on"}';
    expect(parseLogLine(text)).toMatchObject({ message: 'on', host: 'cmp1', to: 'evacuating', instance: undefined });
    expect(parseLogLine(text.slice(7))).toBeUndefined();
    expect(parseLogLine('"a string"')).toBeUndefined();
  });

  it('finds the three moments of a fencing in the log of Pacemaker', () => {
    const moment = (text: string) => pacemakerMoment(`Nov 22 21:02:38.071 ctl1 ${text}`, 'cmp1', 'ctl1');
    const controld = 'pacemaker-controld  [52]';
    expect(
      moment(`${controld} (remote_lrm_op_callback) \terror: Lost connection to Pacemaker Remote node cmp1`)?.kind,
    ).toBe('lost');
    expect(
      moment(
        `${controld} (controld_execute_fence_action) \tnotice: Requesting fencing (reboot) of node cmp1 | action=5`,
      ),
    ).toMatchObject({ kind: 'ordered', text: 'the DC ctl1 orders the fencing: reboot' });
    const ended =
      "pacemaker-fenced [48] (finalize_op) \tnotice: Operation 'reboot' targeting cmp1 by ctl3 for x@ctl2: ";
    expect(moment(`${ended}OK (complete) | id=6c992f1e`)?.text).toContain('by ctl3 has succeeded');
    expect(moment(`${ended}Error occurred (No fence device) | id=6c992f1e`)).toBeUndefined();
    expect(moment(`${controld} (remote_lrm_op_callback) \terror: Lost connection to Pacemaker Remote node cmp11`)).toBe(
      undefined,
    );
  });

  it('takes its arguments, and says what it does not understand', () => {
    expect(parseDemoArguments([])).toEqual({
      kind: 'run',
      options: { instances: 6, jsonFile: undefined, keep: false },
    });
    expect(parseDemoArguments(['--instances', '10', '--json', 'out.json', '--keep'])).toEqual({
      kind: 'run',
      options: { instances: 10, jsonFile: 'out.json', keep: true },
    });
    expect(parseDemoArguments(['--help']).kind).toBe('help');
    for (const wrong of [['--instances', '0'], ['--instances', 'many'], ['--fast'], ['up']]) {
      expect(parseDemoArguments(wrong).kind, wrong.join(' ')).toBe('misunderstood');
    }
  });
});

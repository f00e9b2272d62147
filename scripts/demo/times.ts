import { tableLines } from '../../test/bench/table.ts';
import type { Told } from './story.ts';

/** The table at the end: when each thing happened, counted from the cut and from the line above. */
export function timesTable({
  cut,
  recovery,
  releasedAtMs,
}: Pick<Told, 'cut' | 'recovery' | 'releasedAtMs'>): readonly string[] {
  const moments: readonly (readonly [string, number | undefined])[] = [
    ['power cut', cut.cutAtMs],
    ['fence device asked', cut.askedAtMs],
    ['fence device answered', cut.fencedAtMs],
    ['first evacuation taken by Nova', cut.firstAcceptedAtMs],
    ['last instance running elsewhere', cut.lastRunningAtMs],
    ['all of them verified by Lifeboat', recovery?.finishedAtMs],
    ['host back, clean and released', releasedAtMs],
  ];
  let before: number | undefined;
  const rows = moments.map(([what, atMs]) => {
    const row = [what, seconds(cut.cutAtMs, atMs), before === undefined ? '' : seconds(before, atMs)];
    before = atMs;
    return row;
  });
  return tableLines([['', 'since the cut', 'since the line above'], ...rows]);
}

function seconds(fromMs: number, toMs: number | undefined): string {
  return toMs === undefined ? 'did not happen' : `${((toMs - fromMs) / 1000).toFixed(3)} s`;
}

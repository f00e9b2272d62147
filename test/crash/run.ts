/**
 * `npm run test:crash -- --kills 500`: see arguments.ts. Exit status 0 only when nothing was lost, nothing was doubled, and
 * so many kills were made. Ends with the line `N passed, N failed`, in rounds.
 */
import { writeFileSync } from 'node:fs';
import { messageOf } from '../../src/errors.ts';
import { crashOptions, USAGE } from './arguments.ts';
import { runCampaign } from './campaign.ts';
import { chanceFrom } from '../../src/simulation/chance.ts';
import type { Kill, Round } from './round.ts';
import { killTable, roundLine } from './table.ts';

const words = process.argv.slice(2);
if (words.includes('--help')) {
  process.stdout.write(USAGE);
  process.exit(0);
}
const { kills, labs, seed, jsonFile } = crashOptions(words, Date.now() % 0xffff_ffff);
console.log(`seed ${seed}: ${kills} kills in ${labs} clusters, every second one with the shared store`);
const beganAt = performance.now();
const all: Kill[] = [];
const rounds: Round[] = [];
const broken: string[] = [];

await Promise.all(
  Array.from({ length: labs }, async (_, index) => {
    const name = `crash${index + 1}`;
    const share = Math.floor(kills / labs) + (index < kills % labs ? 1 : 0);
    try {
      let number = 0;
      await runCampaign({
        name,
        kills: share,
        store: index % 2 === 0 ? 'embedded' : 'shared',
        chance: chanceFrom(seed + index),
        onKill: (kill) => all.push(kill),
        onRound: (round) => {
          rounds.push(round);
          number += 1;
          console.log(roundLine(name, number, round));
        },
      });
    } catch (error) {
      broken.push(`${name}: ${messageOf(error)}`);
      console.error(`${name} broke off: ${messageOf(error)}`);
    }
  }),
);

const bad = rounds.filter(({ lost, doubled }) => lost.length + doubled.length > 0);
console.log(`\n${killTable(all).join('\n')}`);
const seconds = (performance.now() - beganAt) / 1000;
console.log(
  `\n${all.length} kills in ${rounds.length} recoveries of ${rounds.reduce((sum, { instances }) => sum + instances, 0)} instances, ` +
    `${seconds.toFixed(0)} s; ${bad.reduce((sum, { lost }) => sum + lost.length, 0)} lost, ` +
    `${bad.reduce((sum, { doubled }) => sum + doubled.length, 0)} doubled`,
);
if (jsonFile !== undefined) writeFileSync(jsonFile, `${JSON.stringify({ seed, seconds, rounds, broken })}\n`);
const failed = bad.length + broken.length + (all.length < kills && broken.length === 0 ? 1 : 0);
console.log(`\n${rounds.length - bad.length} passed, ${failed} failed`);
process.exit(failed === 0 && rounds.length > 0 ? 0 : 1);

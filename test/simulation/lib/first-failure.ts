/** Runs seeds until one fails, and prints it: `node first-failure.ts RUNS`. */
import { runRandom } from '../../../src/simulation/random/run-random.ts';

const runs = Number(process.argv[2]);

async function search(): Promise<string> {
  for (let seed = 1; seed <= runs; seed++) {
    try {
      const [first] = (await runRandom(String(seed))).violations;
      if (first !== undefined)
        return `caught ${seed} ${first.rule} at ${(first.atMs / 1000).toFixed(3)} s: ${first.what}`;
    } catch (error) {
      return `caught ${seed} ${String(error).split('\n')[0]}`;
    }
  }
  return 'not caught';
}

process.on('unhandledRejection', (error) => {
  process.stdout.write(`caught ? ${String(error).split('\n')[0]}\n`);
  process.exit(0);
});
process.stdout.write(`${await search()}\n`);

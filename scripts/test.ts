/**
 * `npm test`: every tier, one after another; `npm test -- --tier NAME` one of them.
 *
 * | tier | what | needs |
 * |---|---|---|
 * | static | types, lint, format, generated pages | nothing |
 * | unit | behaviour of each part, with an emulated cloud and recorded clusters | nothing |
 * | programs | the agents, the alert agent and the build, as real processes | nothing |
 * | safety | each safety rule is cut out of a copy of the code; its test must go red | nothing |
 * | store | the shared store on a real MariaDB, and on a Galera of two | Debian packages (installed if missing, as root) |
 * | simulation | scenarios and random runs of a simulated cluster and cloud, with the real engine | nothing |
 * | processes | a real systemd and D-Bus: units killed, stopped, given up; the bus away and back | root, Debian packages (installed if missing) |
 * | guests | real libvirt, QEMU and guests; what Masakari's monitor reports beside it | root, Debian packages (installed if missing) |
 * | cluster | real Pacemaker, corosync and pacemaker_remote; every bad day | root, Debian packages (installed if missing) |
 * | cloud | real Keystone, Nova and what they need; and both real at once | root, Debian packages (installed if missing) |
 * | clients | Debian's clients and monitors of Masakari against `npm run dev` | Debian packages (installed if missing, as root) |
 * | packages | lintian, rpmlint; installed, configured, upgraded, purged under a real systemd | root, Debian packages (installed if missing) |
 * | crash | the daemon is killed again and again in real recoveries | root, Debian packages (installed if missing) |
 *
 * As root nothing is left out. Ends with the line `N passed, N failed`.
 */
import { parseArgs } from 'node:util';
import { runTier, TIERS, type TierName } from './test/tiers.ts';

const { values } = parseArgs({ options: { tier: { type: 'string', multiple: true } } });
const chosen = (values.tier ?? Object.keys(TIERS)) as TierName[];
const unknown = chosen.filter((name) => !Object.hasOwn(TIERS, name));
if (unknown.length > 0) {
  process.stderr.write(`there is no tier ${unknown.join(', ')}; there are ${Object.keys(TIERS).join(', ')}\n`);
  process.exit(2);
}

const results = [];
for (const name of chosen) results.push(await runTier(name));

process.stdout.write('\n');
for (const { name, passed, failed, seconds, note } of results) {
  const counts = `${String(passed).padStart(5)} passed ${String(failed).padStart(4)} failed`;
  process.stdout.write(
    `${name.padEnd(10)} ${counts} ${seconds.toFixed(1).padStart(8)} s${note === undefined ? '' : `  ${note}`}\n`,
  );
}
const failures = results.flatMap(({ name, failures = [] }) => failures.map((failure) => `${name}  ${failure}`));
if (failures.length > 0) process.stdout.write(`\nfailed:\n${failures.join('\n')}\n`);
const passed = results.reduce((sum, result) => sum + result.passed, 0);
const failed = results.reduce((sum, result) => sum + result.failed, 0);
process.stdout.write(`\n${passed} passed, ${failed} failed\n`);
process.exitCode = failed === 0 && passed > 0 ? 0 : 1;

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { waitFor } from '../cluster/lab/index.ts';
import { cloudLayout } from './lab/layout.ts';
import { remainsOf, removeCloud } from './lab/removal.ts';

const NAME = 'guard-test';
const LAB = join(import.meta.dirname, 'lab');

/** What `startCloud` does before it starts a service, with a sleeper as the only one; then it waits to be killed. */
const OWNER = `
  import { mkdirSync } from 'node:fs';
  import { createCgroup } from '${join(import.meta.dirname, '..', 'cluster', 'lab', 'cgroup.ts')}';
  import { cloudLayout } from '${LAB}/layout.ts';
  import { planOf, writePlan } from '${LAB}/plan.ts';
  import { startService } from '${LAB}/process.ts';
  import { guard } from '${LAB}/removal.ts';
  const layout = cloudLayout('${NAME}');
  mkdirSync(layout.dir + '/log', { recursive: true });
  createCgroup(layout.cgroup);
  writePlan(layout, planOf({}));
  guard(layout);
  startService(layout, null, 'sleeper', ['sleep', '600']);
  console.log('up');
  setInterval(() => {}, 1000);`;

afterAll(() => removeCloud(cloudLayout(NAME)));

it('goes down with its owner, even if that is killed', async () => {
  const owner = spawn(process.execPath, ['--input-type=module', '-e', OWNER], { stdio: ['ignore', 'pipe', 'inherit'] });
  await once(owner.stdout, 'data');
  expect(remainsOf(cloudLayout(NAME))).toHaveLength(2);
  owner.kill('SIGKILL');
  await waitFor('the guard', () => remainsOf(cloudLayout(NAME)).length === 0, { deadlineMs: 20_000 });
});

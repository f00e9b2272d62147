import { describe, expect, it } from 'vitest';
import { daemonEnvironment } from '../../../resource-agents/daemon/environment.ts';
import { environmentFile } from '../../../scripts/build/environment-file.ts';
import { VARIABLES } from '../../../src/config/variables.ts';

describe('the variables of the daemon', () => {
  it('reach it through the agent as well, but for the one that the agent has a parameter for', () => {
    const names = VARIABLES.map(({ name }) => name);
    const passed = daemonEnvironment(Object.fromEntries(names.map((name) => [name, 'x'])));
    expect(names.filter((name) => !(name in passed))).toEqual(['LIFEBOAT_CONFIG']);
  });

  it('stand in the environment file with their words, and none is set by it', () => {
    const lines = environmentFile('lifeboatd', VARIABLES).split('\n');
    for (const { name, example } of VARIABLES) expect(lines).toContain(`#${name}=${example}`);
    expect(lines.filter((line) => line !== '' && !line.startsWith('#'))).toEqual([]);
  });
});

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { configFromText } from '../../../src/config/load.ts';
import type { Heart } from '../../../src/daemon/heart.ts';
import { masakariPorts } from '../../../src/daemon/masakari-ports.ts';
import { recordingLogger } from '../../support/recording-logger.ts';
import { virtualClock } from '../../support/virtual-clock.ts';

function portsOf(text: string, engine: Partial<Heart['engine']> = { phase: 'active' }) {
  return masakariPorts(
    {
      config: configFromText(text, 'x'),
      clock: virtualClock(),
      logger: recordingLogger(),
      randomness: { next: () => 0, uuid: () => 'u' },
    },
    { engine } as Heart,
  );
}

it('the engine is ready while it is active and holds nothing back, and no file takes its controller out', () => {
  const folder = mkdtempSync(join(tmpdir(), 'lifeboat-drain-'));
  onTestFinished(() => {
    rmSync(folder, { recursive: true });
  });
  const text = `api: { drain_file: ${join(folder, 'drain')} }`;
  expect(portsOf(text).notReady()).toBeUndefined();
  expect(portsOf(text, { phase: 'standby' } as never).notReady()).toBe('the engine is standby');
  expect(portsOf(text, { phase: 'active', ownHold: { reason: 'no lease' } } as never).notReady()).toBe('no lease');
  writeFileSync(join(folder, 'drain'), '');
  expect(portsOf(text).notReady()).toBe('DISABLED BY FILE');
});

it('without a way to Keystone nobody is let in, unless the configuration asks nobody who they are', async () => {
  expect(await portsOf('').authenticate('token')).toEqual({ kind: 'refused' });
  expect(await portsOf('api: { auth: noauth }').authenticate(undefined)).toMatchObject({ kind: 'caller' });
});

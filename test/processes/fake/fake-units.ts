/** How the units of test/processes/lab/units behave, for the fake systemd. */
export interface FakeDefinition {
  /** What systemd takes for the main process. */
  readonly main: 'process' | 'unknown' | 'over before it is active' | 'never ready';
  /** What it does on SIGTERM. */
  readonly onTerm: 'dies' | 'exits with 1' | 'ignores it';
  /** It ends by itself after so long, with this status; ms. */
  readonly ends?: { readonly afterMs: number; readonly status: number };
  readonly restart?: { readonly when: 'on-failure' | 'always'; readonly afterMs: number; readonly burst: number };
  readonly watchdogMs?: number;
  readonly bindsTo?: string;
  readonly triggeredBy?: string;
}

const DAEMON: FakeDefinition = { main: 'process', onTerm: 'dies' };

export const FAKE_UNITS: Readonly<Record<string, FakeDefinition>> = {
  'nova-compute.service': DAEMON,
  'bound.service': { ...DAEMON, bindsTo: 'nova-compute.service' },
  'broken.service': { ...DAEMON, ends: { afterMs: 5, status: 1 } },
  'flapping.service': {
    ...DAEMON,
    ends: { afterMs: 200, status: 0 },
    restart: { when: 'always', afterMs: 100, burst: Infinity },
  },
  'hanging.service': { ...DAEMON, onTerm: 'ignores it' },
  'idle.service': { ...DAEMON, ends: { afterMs: 200, status: 0 }, triggeredBy: 'idle.socket' },
  'idle.socket': { main: 'over before it is active', onTerm: 'dies' },
  'lasting.service': { main: 'over before it is active', onTerm: 'dies' },
  'leaving.service': { ...DAEMON, ends: { afterMs: 200, status: 0 } },
  'masterless.service': { main: 'unknown', onTerm: 'dies' },
  'never-ready.service': { main: 'never ready', onTerm: 'dies' },
  'restarting.service': { ...DAEMON, restart: { when: 'on-failure', afterMs: 300, burst: 3 } },
  'stubborn.service': { ...DAEMON, onTerm: 'exits with 1' },
  'watched.service': { ...DAEMON, watchdogMs: 300 },
};

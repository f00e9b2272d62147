import { mkdirSync, readFileSync, renameSync, symlinkSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

/** Recorded on Pacemaker 2.1.5: the power of cmp1, a remote node, fails, and ctl3 fences it. */
const RECORDED = resolve(import.meta.dirname, '../../samples/pacemaker/b2-remote-host-gone');
const BEFORE = 'crm_mon-01-+0.21s.xml';
const AFTER = 'crm_mon-03-+6.84s.xml';
const RECORDED_HOSTS = ['cmp1', 'cmp2', 'cmp3'];
const RECORDED_COMPLETION = '2026-11-22 06:18:17Z';

const NO_FENCING = `<pacemaker-result api-version="2.25" request="stonith_admin">
  <list name="fencing history" count="0"/>
  <status code="0" message="OK"/>
</pacemaker-result>
`;

export interface PacemakerStandIn {
  /** Laid over /usr/sbin where the daemon runs: it finds Pacemaker's commands there and nowhere else. */
  readonly commands: string;
  /** From here on the commands answer that the first host has just been fenced. */
  fence(): void;
}

/**
 * Commands that answer at once what Pacemaker's answered then: of these hosts instead of the three that were recorded, and
 * with the time of the fencing made the present one.
 */
export function standInForPacemaker(dir: string, hosts: readonly string[]): PacemakerStandIn {
  const commands = join(dir, 'sbin');
  const shown = join(dir, 'shown');
  const write = (state: string, file: string, text: string): void => {
    mkdirSync(join(dir, state), { recursive: true });
    writeFileSync(join(dir, state, file), withHosts(text, hosts));
  };
  const cib = recorded('cibadmin-Q.xml');
  write('healthy', 'crm_mon.xml', recorded(BEFORE));
  write('healthy', 'stonith_admin.xml', NO_FENCING);
  write('healthy', 'cibadmin.xml', cib);
  symlinkSync('healthy', shown);

  mkdirSync(commands, { recursive: true });
  const program = (name: string, body: string): void =>
    writeFileSync(join(commands, name), `#!/bin/sh\n${body}\n`, { mode: 0o755 });
  for (const name of ['crm_mon', 'stonith_admin', 'cibadmin']) program(name, `exec cat '${shown}/${name}.xml'`);
  program('crm_node', 'echo ctl1');
  for (const name of ['attrd_updater', 'crm_attribute']) program(name, 'exit 0');

  return {
    commands,
    fence() {
      const now = new Date();
      const completed = `${now.toISOString().slice(0, 19).replace('T', ' ')}Z`;
      const atNow = (text: string): string => text.replaceAll(RECORDED_COMPLETION, completed);
      write('fenced', 'crm_mon.xml', atNow(recorded(AFTER)));
      write('fenced', 'stonith_admin.xml', atNow(recorded('stonith_history.xml')));
      write('fenced', 'cibadmin.xml', fencedIn(cib, Math.floor(now.getTime() / 1_000)));
      // At one instant, as far as a reader can see.
      symlinkSync('fenced', `${shown}.next`);
      renameSync(`${shown}.next`, shown);
    },
  };
}

function recorded(name: string): string {
  return readFileSync(join(RECORDED, name), 'utf8');
}

function withHosts(text: string, hosts: readonly string[]): string {
  return text.replaceAll(/\bcmp\d\b/g, (name) => hosts[RECORDED_HOSTS.indexOf(name)] ?? name);
}

/** The CIB was recorded with all nodes back; this is what the DC wrote of the victim between its fencing and its return. */
function fencedIn(cib: string, seconds: number): string {
  const [victim] = RECORDED_HOSTS;
  const state = new RegExp(`(<node_state [^>]*uname="${victim}" )in_ccm="true"([^>]* )node_fenced="0"`);
  if (!state.test(cib)) throw new Error(`the recording has no node_state of ${victim}`);
  return cib.replace(state, `$1in_ccm="false"$2node_fenced="${seconds}"`);
}

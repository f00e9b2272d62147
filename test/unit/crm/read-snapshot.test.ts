import { describe, expect, it } from 'vitest';
import type { Cluster } from '../../../src/crm/cluster.ts';
import { joinSnapshot } from '../../../src/crm/join-snapshot.ts';
import { parseCrmMon } from '../../../src/crm/crm-mon.ts';
import { parseFenceHistory } from '../../../src/crm/fence-history.ts';
import { parseCibNodes } from '../../../src/crm/node-state.ts';
import { localNodeName, pacemakerCluster } from '../../../src/crm/read-snapshot.ts';
import { virtualClock } from '../../support/virtual-clock.ts';
import { connectionXml, crmMonXml, historyXml, largeCluster, nodeXml } from './documents.ts';
import type { FakeCommands } from './fake-commands.ts';
import { fakeCommands } from './fake-commands.ts';

const NOW = Date.UTC(2026, 10, 22, 6, 18, 20);
const CIB = `<xpath-query><node uname="cmp1"/><nvpair name="host" value="compute-1"/><nvpair name="x" value="cib"/>
  <node_state uname="cmp1" in_ccm="false" node_fenced="1795328297"/><node_state uname="elsewhere"/></xpath-query>`;
const FENCED =
  '<fence_event action="reboot" target="cmp1" client="c.1" origin="ctl1" status="success" delegate="ctl3" completed="2026-11-22 06:18:17Z"/>';
const PENDING =
  '<fence_event action="reboot" target="cmp2" client="c.1" origin="ctl1" status="pending" extended-status="0"/>';

function fakeCluster(): { fakes: FakeCommands; cluster: Cluster } {
  const fakes = fakeCommands();
  fakes.answer(
    'crm_mon',
    crmMonXml({
      nodes: nodeXml('cmp1', 'type="remote"') + nodeXml('ctl1', 'type="member"'),
      rest: `<resources>${connectionXml('cmp1')}</resources>
        <node_attributes><node name="cmp1"><attribute name="x" value="shown"/></node></node_attributes>
        <fence_history>${FENCED}${PENDING}</fence_history>`,
    }),
  );
  fakes.answer('stonith_admin', historyXml(FENCED));
  fakes.answer('cibadmin', CIB);
  const clock = virtualClock({ nowMs: NOW });
  return { fakes, cluster: pacemakerCluster({ clock, localNode: 'ctl1', searchPath: fakes.searchPath }) };
}

describe('pacemakerCluster', () => {
  it('joins what the three commands tell', async () => {
    const snapshot = await fakeCluster().cluster.read();
    expect(snapshot).toMatchObject({ readAtMs: NOW, localNode: 'ctl1', quorate: true, dc: 'ctl1' });
    expect([...snapshot.nodes.keys()]).toEqual(['cmp1', 'ctl1']);
    expect(snapshot.nodes.get('cmp1')).toMatchObject({
      kind: 'remote',
      state: { inMembership: false, fencedAtMs: 1_795_328_297_000 },
      connection: { resource: 'cmp1', role: 'Started', hostedBy: 'ctl1' },
      attributes: new Map([
        ['host', 'compute-1'],
        ['x', 'shown'],
      ]),
    });
    expect(snapshot.nodes.get('ctl1')).toMatchObject({ state: undefined, connection: undefined });
    expect(snapshot.fencings.map(({ target, status }) => `${target} ${status}`)).toEqual([
      'cmp2 pending',
      'cmp1 success',
    ]);
  });

  it('asks for no more than a snapshot needs', async () => {
    const { fakes, cluster } = fakeCluster();
    for (const name of ['crm_mon', 'stonith_admin', 'cibadmin']) {
      fakes.add(name, `printf '%s\\n' "$@" > "$here/${name}.args"; cat "$here/${name}.stdout"`);
    }
    await cluster.read();
    expect(fakes.read('crm_mon.args')).toContain('--exclude=all\n--include=dc,options,nodes,');
    expect(fakes.read('stonith_admin.args')).toBe('--history\n*\n-V\n--output-as=xml\n');
    expect(fakes.read('cibadmin.args')).toContain('--query\n--no-children\n--xpath\n');
  });

  it('cannot be changed', async () => {
    const snapshot = await fakeCluster().cluster.read();
    expect([snapshot, snapshot.options, snapshot.fencings, snapshot.nodes.get('cmp1')].every(Object.isFrozen)).toBe(
      true,
    );
  });

  it('takes a CIB without any node for one without any state', async () => {
    const { fakes, cluster } = fakeCluster();
    fakes.add('cibadmin', 'echo "Call failed: No such device or address" >&2; exit 105');
    expect((await cluster.read()).nodes.get('cmp1')?.state).toBeUndefined();
  });

  it.each(['crm_mon', 'stonith_admin', 'cibadmin'])('answers nothing at all when %s fails', async (failing) => {
    const { fakes, cluster } = fakeCluster();
    fakes.add(failing, 'exit 102');
    await expect(cluster.read()).rejects.toMatchObject({ code: 'CRM_NO_CLUSTER' });
    fakes.answer(failing, 'rubbish');
    await expect(cluster.read()).rejects.toMatchObject({ code: 'CRM_GARBAGE' });
  });

  it('stops the other commands when one has failed', async () => {
    const { fakes, cluster } = fakeCluster();
    fakes.add(
      'cibadmin',
      `trap 'echo stopped > "$here/log"; exit 0' TERM; : > "$here/ready"; echo 1 > "$here/ready"; while :; do sleep 0.01; done`,
    );
    fakes.add('crm_mon', `while [ ! -s "$here/ready" ]; do sleep 0.01; done; exit 102`);
    await expect(cluster.read()).rejects.toMatchObject({ code: 'CRM_NO_CLUSTER' });
    expect(await fakes.written('log')).toBe('stopped\n');
  });

  it('ends a reading when told to', async () => {
    const { fakes, cluster } = fakeCluster();
    fakes.add('crm_mon', `echo 1 > "$here/ready"; exec sleep 60`);
    const abort = new AbortController();
    const ended = expect(cluster.read(abort.signal)).rejects.toThrow('shutting down');
    await fakes.written('ready');
    abort.abort(new Error('shutting down'));
    await ended;
  });

  it('writes and removes an attribute of any node', async () => {
    const { fakes, cluster } = fakeCluster();
    fakes.add('attrd_updater', `printf '%s\\n' "$@" >> "$here/args"`);
    await cluster.writeAttribute('cmp1', 'lifeboat', 'recovered 40/40 in 23s, 100 %');
    await cluster.writeAttribute('cmp1', 'lifeboat', undefined);
    expect(fakes.read('args').split('\n')).toEqual([
      '--name=lifeboat',
      '--update=recovered 40/40 in 23s, 100 %',
      '--node=cmp1',
      '--name=lifeboat',
      '--delete',
      '--node=cmp1',
      '',
    ]);
  });

  it('writes and removes an attribute that stands in the CIB, also while the node is gone', async () => {
    const { fakes, cluster } = fakeCluster();
    fakes.add('crm_attribute', `printf '%s\\n' "$@" >> "$here/args"`);
    await cluster.writeAttribute('ctl1', 'lifeboat-paused', 'by root', 'permanent');
    await cluster.writeAttribute('ctl1', 'lifeboat-paused', undefined, 'permanent');
    const where = ['--node=ctl1', '--name=lifeboat-paused', '--lifetime=forever'];
    expect(fakes.read('args').split('\n')).toEqual([...where, '--update=by root', ...where, '--delete', '']);
  });

  it('reports an attribute that could not be written', async () => {
    const { fakes, cluster } = fakeCluster();
    fakes.add('attrd_updater', 'echo "attrd_updater: Could not update x=y: Connection refused (111)" >&2; exit 102');
    await expect(cluster.writeAttribute('cmp1', 'x', 'y')).rejects.toMatchObject({ code: 'CRM_NO_CLUSTER' });
  });
});

describe('localNodeName', () => {
  it('is what crm_node says, and an error when it says nothing', async () => {
    const fakes = fakeCommands();
    const settings = { clock: virtualClock(), searchPath: fakes.searchPath };
    fakes.add('crm_node', 'echo ctl2');
    await expect(localNodeName(settings)).resolves.toBe('ctl2');
    fakes.add('crm_node', 'echo');
    await expect(localNodeName(settings)).rejects.toMatchObject({ code: 'CRM_GARBAGE' });
  });
});

describe('a cluster of 1,000 remote nodes', () => {
  it('is read and joined whole', () => {
    const { crmMon, cib, history } = largeCluster(1000);
    const snapshot = joinSnapshot({
      readAtMs: NOW,
      localNode: 'ctl1',
      crmMon: parseCrmMon(crmMon),
      cibNodes: parseCibNodes(cib),
      fenceHistory: parseFenceHistory(history),
    });
    expect(snapshot.nodes.get('cmp999')).toMatchObject({ kind: 'remote', connection: { role: 'Started' } });
  });
});

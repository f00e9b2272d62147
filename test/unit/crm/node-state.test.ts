import { describe, expect, it } from 'vitest';
import { parseCibNodes } from '../../../src/crm/node-state.ts';
import type { NodeState } from '../../../src/crm/snapshot.ts';

function stateOf(attributes: string): NodeState | undefined {
  return parseCibNodes(`<xpath-query><node_state uname="n" ${attributes}/></xpath-query>`).states.get('n');
}

describe('parseCibNodes', () => {
  it('reads words and the moments that newer versions write in their place', () => {
    const member = { inMembership: true, crmd: 'online' };
    const gone = { inMembership: false, crmd: 'offline' };
    expect(stateOf('in_ccm="true" crmd="online"')).toMatchObject(member);
    expect(stateOf('in_ccm="1795328297" crmd="1795328299"')).toMatchObject(member);
    expect(stateOf('in_ccm="false" crmd="offline"')).toMatchObject(gone);
    expect(stateOf('in_ccm="0" crmd="0"')).toMatchObject(gone);
    expect(stateOf('')).toMatchObject({ inMembership: false, crmd: undefined });
  });

  it('takes node_fenced in seconds, and 0, nothing and absence for never', () => {
    expect(stateOf('node_fenced="1795328297"')?.fencedAtMs).toBe(1_795_328_297_000);
    expect(stateOf('node_fenced="0"')?.fencedAtMs).toBeUndefined();
    expect(stateOf('node_fenced=""')?.fencedAtMs).toBeUndefined();
    expect(stateOf('')?.fencedAtMs).toBeUndefined();
  });

  it.each(['in_ccm="maybe"', 'node_fenced="true"', 'node_fenced="12345678901234567"', 'node_fenced="1.5"'])(
    'refuses %s',
    (attributes) => {
      expect(() => stateOf(attributes)).toThrow(expect.objectContaining({ code: 'CRM_GARBAGE' }));
    },
  );

  it('reads a single match, which cibadmin prints without a frame', () => {
    expect(parseCibNodes('<node_state uname="n" in_ccm="true"/>').states.size).toBe(1);
  });

  it('ignores the state of a peer without a name', () => {
    expect(parseCibNodes('<status><node_state id="3" in_ccm="true"/></status>').states.size).toBe(0);
  });

  it('gives each nvpair to the node before it, and none to what is not a node', () => {
    const flat = `<xpath-query>
      <nvpair name="stray" value="0"/>
      <node id="1" uname="a"/><nvpair name="host" value="h-a"/><nvpair name="zone" value="z"/>
      <node id="2" uname="b"/><nvpair name="host" value="h-b"/><nvpair id-ref="elsewhere"/>
      <node_state uname="a"/><nvpair name="transient" value="1"/>
    </xpath-query>`;
    const nested = `<cib><configuration><nodes>
      <node id="1" uname="a"><instance_attributes><nvpair name="host" value="h-a"/><nvpair name="zone" value="z"/></instance_attributes>
        <utilization><nvpair name="cpu" value="8"/></utilization></node>
      <node id="2" uname="b"><instance_attributes><nvpair name="host" value="h-b"/></instance_attributes></node>
    </nodes><resources><primitive><meta_attributes><nvpair name="x" value="y"/></meta_attributes></primitive></resources>
    </configuration></cib>`;
    for (const text of [flat, nested]) {
      expect(Object.fromEntries(parseCibNodes(text).attributes)).toEqual({
        a: new Map([
          ['host', 'h-a'],
          ['zone', 'z'],
        ]),
        b: new Map([['host', 'h-b']]),
      });
    }
  });
});

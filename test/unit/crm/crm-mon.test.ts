import { describe, expect, it } from 'vitest';
import { parseCrmMon } from '../../../src/crm/crm-mon.ts';
import { isLifeboatError } from '../../../src/errors.ts';
import { connectionXml, crmMonXml, nodeXml } from './documents.ts';
import { readSample } from './samples.ts';

function errorOf(text: string): { code: string; message: string } {
  try {
    parseCrmMon(text);
  } catch (error) {
    if (isLifeboatError(error)) return { code: error.code, message: error.message };
    throw error;
  }
  throw new Error('nothing was thrown');
}

describe('parseCrmMon', () => {
  it('finds connections inside groups, clones and bundles', () => {
    const { connections } = parseCrmMon(
      crmMonXml({
        rest: `<resources>
          ${connectionXml('plain')}
          <group id="g"><group id="inner">${connectionXml('grouped')}</group></group>
          <clone id="c">${connectionXml('cloned')}</clone>
          <bundle id="b"><replica id="0"><resource id="ip" resource_agent="ocf:heartbeat:IPaddr2"/>${connectionXml('b-0')}</replica></bundle>
        </resources>`,
      }),
    );
    expect([...connections.keys()].sort()).toEqual(['b-0', 'cloned', 'grouped', 'plain']);
  });

  it('prefers a defined connection to an orphan of the same name, whichever comes first', () => {
    const orphan = connectionXml('cmp1', '', 'ctl9').replace('orphaned="false"', 'orphaned="true"');
    for (const resources of [orphan + connectionXml('cmp1'), connectionXml('cmp1') + orphan]) {
      const { connections } = parseCrmMon(crmMonXml({ rest: `<resources>${resources}</resources>` }));
      expect(connections.get('cmp1')?.hostedBy).toBe('ctl1');
    }
  });

  it('reads target role, maintenance and a connection that runs nowhere', () => {
    const stopped =
      '<resource id="cmp1" resource_agent="ocf:pacemaker:remote" role="Stopped" target_role="Stopped" active="false" orphaned="false" maintenance="true" managed="false" failed="false"/>';
    expect(parseCrmMon(crmMonXml({ rest: `<resources>${stopped}</resources>` })).connections.get('cmp1')).toEqual({
      resource: 'cmp1',
      role: 'Stopped',
      targetRole: 'Stopped',
      active: false,
      failed: false,
      managed: false,
      blocked: false,
      maintenance: true,
      hostedBy: undefined,
    });
  });

  it('tells guest nodes from remote nodes', () => {
    const nodes = nodeXml('cmp1', 'type="remote"') + nodeXml('b-0', 'type="remote" id_as_resource="b-docker-0"');
    expect(parseCrmMon(crmMonXml({ nodes })).nodes.map(({ kind }) => kind)).toEqual(['remote', 'guest']);
  });

  it('counts a standby that a failure caused as standby', () => {
    const nodes = nodeXml('ctl1', 'type="member"').replace('standby_onfail="false"', 'standby_onfail="true"');
    expect(parseCrmMon(crmMonXml({ nodes })).nodes[0]?.standby).toBe(true);
  });

  it('has no quorum while there is no DC', () => {
    expect(parseCrmMon(crmMonXml({ dc: '<current_dc present="false"/>' }))).toMatchObject({
      quorate: false,
      dc: undefined,
    });
  });

  it('ignores elements and attributes of a newer Pacemaker', () => {
    const options =
      '<cluster_options stonith-enabled="true" no-quorum-policy="fence" maintenance-mode="false" stop-all-resources="true" new-option="x"/>';
    const state = parseCrmMon(crmMonXml({ options, rest: '<tickets/><new_section a="1"><deep/></new_section>' }));
    expect(state.options).toEqual({
      stonithEnabled: true,
      maintenanceMode: false,
      stopAllResources: true,
      noQuorumPolicy: 'fence',
    });
  });

  it('undoes the double escaping of an exit reason', () => {
    const { failures } = parseCrmMon(readSample('ra-demo/crm_mon-failed.xml'));
    expect(failures[0]?.exitReason).toBe(
      'keystone at http://k:5000 refused our credentials (HTTP 401) - <&"quoted"> é',
    );
  });

  it('leaves an exit reason alone that was escaped once', () => {
    const failure = (reason: string): string =>
      `<failures><failure op_key="r_monitor_0" node="ctl1" exitstatus="error" exitreason="${reason}" exitcode="1" call="1" status="complete"/></failures>`;
    const reasonOf = (reason: string): string | undefined =>
      parseCrmMon(crmMonXml({ rest: failure(reason) })).failures[0]?.exitReason;
    expect(reasonOf('a &lt; b &amp;amp; c')).toBe('a < b &amp; c');
    expect(reasonOf('this &amp; that')).toBe('this & that');
    expect(reasonOf('')).toBeUndefined();
  });

  it.each([
    ['an empty answer', '', /no XML document/],
    ['plain words', 'Cluster is down', /not XML/],
    ['a document cut in two', crmMonXml({}).slice(0, 500), /not XML/],
    ['two documents', crmMonXml({}) + crmMonXml({}), /not XML/],
    ['another document', '<cib/>', /the document is <cib>/],
    ['a result without a status', '<pacemaker-result/>', /no <status>/],
    ['a result without nodes', crmMonXml({}).replace(/<nodes>.*<\/nodes>/s, ''), /no <nodes>/],
    ['a node without a name', crmMonXml({ nodes: '<node type="member"/>' }), /no attribute name/],
    ['a node that is half online', crmMonXml({}).replace('online="true"', 'online="half"'), /online="half" of <node>/],
    ['a node of an unknown type', crmMonXml({ nodes: nodeXml('x', 'type="quantum"') }), /type="quantum" of <node> "x"/],
    ['a DC without a word on quorum', crmMonXml({ dc: '<current_dc present="true" name="a"/>' }), /with_quorum/],
    ['options without stonith-enabled', crmMonXml({ options: '<cluster_options/>' }), /stonith-enabled/],
  ])('refuses %s and says what is wrong', (_, text, expected) => {
    const error = errorOf(text);
    expect(error.code).toBe('CRM_GARBAGE');
    expect(error.message).toMatch(expected);
  });

  it('reports a status that is an error by what it stands for', () => {
    const answer = (code: number, said: string): string =>
      `<pacemaker-result><status code="${code}" message="x"><errors><error>${said}</error></errors></status></pacemaker-result>`;
    expect(errorOf(answer(102, 'crm_mon: Connection to cluster failed: Connection refused'))).toEqual({
      code: 'CRM_NO_CLUSTER',
      message: 'crm_mon failed: crm_mon: Connection to cluster failed: Connection refused (exit code 102)',
    });
    expect(errorOf(answer(102, 'Connection failed: Permission denied')).code).toBe('CRM_NO_PERMISSION');
    expect(errorOf(answer(124, 'too slow')).code).toBe('CRM_TIMED_OUT');
    expect(errorOf(answer(1, 'odd')).code).toBe('CRM_FAILED');
  });

  it('reports an answer of status 0 that holds nothing but an error', () => {
    // crm_mon 2.1.5 answers this when the CIB cannot be reached
    const answer =
      '<pacemaker-result><status code="0" message="OK"><errors><error>Could not connect to the CIB: No such device or address</error></errors></status></pacemaker-result>';
    expect(errorOf(answer).code).toBe('CRM_NO_CLUSTER');
  });
});

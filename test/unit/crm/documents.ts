/** Documents shaped like Pacemaker's own, for what no recording shows. */

export function crmMonXml(parts: {
  readonly dc?: string;
  readonly options?: string;
  readonly nodes?: string;
  readonly rest?: string;
}): string {
  return `<pacemaker-result api-version="2.25" request="crm_mon --output-as=xml">
  <summary>
    ${parts.dc ?? '<current_dc present="true" name="ctl1" id="1" with_quorum="true"/>'}
    ${
      parts.options ??
      '<cluster_options stonith-enabled="true" no-quorum-policy="stop" maintenance-mode="false" stop-all-resources="false"/>'
    }
  </summary>
  <nodes>${parts.nodes ?? nodeXml('ctl1', 'type="member"')}</nodes>
  ${parts.rest ?? ''}
  <status code="0" message="OK"/>
</pacemaker-result>`;
}

export function nodeXml(name: string, more: string): string {
  return `<node name="${name}" id="${name}" online="true" standby="false" standby_onfail="false" maintenance="false" pending="false" unclean="false" shutdown="false" expected_up="false" is_dc="false" resources_running="1" ${more}/>`;
}

export function connectionXml(id: string, more = '', hostedBy = 'ctl1'): string {
  return `<resource id="${id}" resource_agent="ocf:pacemaker:remote" role="Started" active="true" orphaned="false" blocked="false" managed="true" failed="false" failure_ignored="false" nodes_running_on="1" ${more}><node name="${hostedBy}" id="1" cached="true"/></resource>`;
}

export function historyXml(events: string): string {
  return `<pacemaker-result><list name="fencing history" count="1">${events}</list><status code="0" message="OK"/></pacemaker-result>`;
}

/** A cluster of `count` remote nodes as the three commands show it. */
export function largeCluster(count: number): { crmMon: string; cib: string; history: string } {
  const names = Array.from({ length: count }, (_, index) => `cmp${index}`);
  const each = (xml: (name: string) => string): string => names.map(xml).join('\n');
  const service = (name: string): string =>
    `<resource id="nova-compute" resource_agent="ocf:pacemaker:Dummy" role="Started" active="true" orphaned="false" blocked="false" managed="true" failed="false" failure_ignored="false" nodes_running_on="1"><node name="${name}" id="${name}" cached="true"/></resource>`;
  return {
    crmMon: crmMonXml({
      nodes: each((name) => nodeXml(name, 'type="remote"')),
      rest: `<resources>${each((name) => connectionXml(name))}<clone id="nova-compute-clone">${each(service)}</clone></resources>
        <node_attributes>${each((name) => `<node name="${name}"><attribute name="host" value="${name}.example.org"/></node>`)}</node_attributes>`,
    }),
    cib: `<xpath-query>
      ${each((name) => `<node type="remote" id="${name}" uname="${name}"/><nvpair id="${name}-host" name="host" value="${name}.example.org"/>`)}
      ${each((name) => `<node_state remote_node="true" id="${name}" uname="${name}" in_ccm="true" node_fenced="0"/>`)}
    </xpath-query>`,
    history: historyXml(''),
  };
}

import type { CibOptions, FencingLayout, LabNode } from './options.ts';

/**
 * The configuration with which every controller starts for the first time, as a whole CIB. Put on their disks before
 * the first boot, because dc-deadtime (20 s by default) is waited for before a cluster without a CIB elects its DC.
 */
export function initialCib(nodes: readonly LabNode[], options: CibOptions = {}): string {
  const computes = nodes.filter((node) => node.role === 'compute');
  const fencing = options.fencing ?? 'one-device';
  return [
    '<cib validate-with="pacemaker-3.9" admin_epoch="1" epoch="1" num_updates="0"><configuration>',
    `<crm_config><cluster_property_set id="cib-bootstrap-options">${properties(options)}</cluster_property_set></crm_config>`,
    '<nodes/>',
    `<resources>${devices(fencing)}${computes.map((node) => connection(node, options)).join('')}`,
    `${computes.length > 0 ? NOVA_COMPUTE : ''}${options.extra?.resources ?? ''}</resources>`,
    `<constraints>${computes.length > 0 ? ON_COMPUTES_ONLY : ''}${options.extra?.constraints ?? ''}</constraints>`,
    topology(fencing, nodes),
    options.extra?.alerts === undefined ? '' : `<alerts>${options.extra.alerts}</alerts>`,
    '</configuration><status/></cib>',
  ].join('\n');
}

function properties(options: CibOptions): string {
  const values: Readonly<Record<string, string>> = {
    'stonith-enabled': String(options.stonithEnabled ?? true),
    'stonith-action': options.stonithAction ?? 'reboot',
    'stonith-timeout': options.stonithTimeout ?? '20s',
    'no-quorum-policy': options.noQuorumPolicy ?? 'stop',
    // False by default in Pacemaker 2.1.5: several dead nodes would be fenced one after the other.
    'concurrent-fencing': String(options.concurrentFencing ?? true),
    'dc-deadtime': '1s',
    'cluster-recheck-interval': '60s',
    'stonith-max-attempts': '3',
    'priority-fencing-delay': '0',
    ...options.properties,
  };
  return Object.entries(values)
    .map(([name, value]) => nvpair(`opt-${name}`, name, value))
    .join('');
}

function devices(fencing: FencingLayout): string {
  const working = device('fence-lab', [['pcmk_host_check', 'dynamic-list']]);
  if (fencing === 'one-device') return working;
  return (
    working +
    device('fence-broken', [
      ['pcmk_host_check', 'dynamic-list'],
      ['variant', 'fail'],
    ])
  );
}

function device(id: string, parameters: readonly (readonly [string, string])[]): string {
  const pairs = parameters.map(([name, value]) => nvpair(`${id}-${name}`, name, value)).join('');
  return (
    `<primitive id="${id}" class="stonith" type="fence_lab">` +
    `<instance_attributes id="${id}-parameters">${pairs}</instance_attributes>` +
    `<operations><op id="${id}-monitor" name="monitor" interval="60s" timeout="20s"/></operations></primitive>`
  );
}

function topology(fencing: FencingLayout, nodes: readonly LabNode[]): string {
  if (fencing === 'one-device') return '';
  const levels = fencing === 'broken-beside' ? ['fence-lab,fence-broken'] : ['fence-broken', 'fence-lab'];
  const entries = nodes.flatMap(({ name }) =>
    levels.map((list, index) => {
      return `<fencing-level id="level-${name}-${index + 1}" target="${name}" index="${index + 1}" devices="${list}"/>`;
    }),
  );
  return `<fencing-topology>${entries.join('')}</fencing-topology>`;
}

function connection({ name, address }: LabNode, options: CibOptions): string {
  const interval = options.remoteMonitorInterval ?? '3s';
  const timeout = options.remoteMonitorTimeout ?? '5s';
  return (
    `<primitive id="${name}" class="ocf" provider="pacemaker" type="remote">` +
    `<instance_attributes id="${name}-parameters">${nvpair(`${name}-server`, 'server', address)}` +
    `${nvpair(`${name}-reconnect`, 'reconnect_interval', options.reconnectInterval ?? '0')}</instance_attributes>` +
    `<operations><op id="${name}-monitor" name="monitor" interval="${interval}" timeout="${timeout}"/>` +
    `<op id="${name}-start" name="start" interval="0" timeout="${options.remoteStartTimeout ?? '15s'}"/>` +
    '</operations></primitive>'
  );
}

/** Stands for what a compute node runs under Pacemaker: cloned on every remote node and nowhere else. */
const NOVA_COMPUTE =
  '<clone id="nova-compute-clone"><meta_attributes id="nova-compute-clone-meta">' +
  '<nvpair id="nova-compute-clone-interleave" name="interleave" value="true"/></meta_attributes>' +
  '<primitive id="nova-compute" class="ocf" provider="pacemaker" type="Dummy"><operations>' +
  '<op id="nova-compute-monitor" name="monitor" interval="10s" timeout="20s"/></operations></primitive></clone>';

const ON_COMPUTES_ONLY =
  '<rsc_location id="nova-compute-on-computes" rsc="nova-compute-clone" resource-discovery="exclusive">' +
  '<rule id="nova-compute-on-computes-rule" score="0">' +
  '<expression id="nova-compute-on-computes-kind" attribute="#kind" operation="eq" value="remote"/>' +
  '</rule></rsc_location>';

function nvpair(id: string, name: string, value: string): string {
  return `<nvpair id="${id}" name="${name}" value="${escapeXml(value)}"/>`;
}

function escapeXml(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;');
}

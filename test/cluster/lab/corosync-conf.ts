import type { LabNode } from './options.ts';

/**
 * corosync.conf for the controllers. knet is what real clusters use. `move_to_root_cgroup: no` keeps corosync in the
 * node's cgroup, where the power cut finds it; `sched_rr` keeps the token alive on a loaded machine.
 */
export function corosyncConf(controllers: readonly LabNode[], tokenMs: number): string {
  return `totem {
  version: 2
  cluster_name: lab
  transport: knet
  crypto_cipher: none
  crypto_hash: none
  token: ${tokenMs}
  token_coefficient: 0
}
system {
  move_to_root_cgroup: no
  sched_rr: yes
}
logging {
  to_logfile: yes
  logfile: /var/log/corosync/corosync.log
  to_syslog: no
  timestamp: hires
}
quorum {
  provider: corosync_votequorum
}
nodelist {
${controllers.map((node, index) => nodeEntry(node, index + 1)).join('\n')}
}
`;
}

function nodeEntry(node: LabNode, nodeid: number): string {
  return `  node {
    name: ${node.name}
    nodeid: ${nodeid}
    ring0_addr: ${node.address}
  }`;
}

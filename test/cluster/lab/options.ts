import { existsSync, statSync } from 'node:fs';
import { LabError } from './lab-error.ts';
import { computeAddress, controllerAddress } from './network.ts';

export type NodeRole = 'controller' | 'compute';

export interface LabNode {
  /** ctl1, ctl2 … or cmp1, cmp2 …; also the name in Pacemaker and of the remote connection. */
  readonly name: string;
  readonly role: NodeRole;
  readonly address: string;
}

/** How a node's fencing is laid out. */
export type FencingLayout =
  /** One device, `fence-lab`, for every node. */
  | 'one-device'
  /** Level 1 is a device that always fails, level 2 works: fencing succeeds late. */
  | 'broken-first-level'
  /** Both devices in one level: the node is off and the fencing has failed all the same. */
  | 'broken-beside';

/** The cluster's configuration. Durations are Pacemaker's own texts ("3s"). */
export interface CibOptions {
  readonly stonithEnabled?: boolean;
  readonly stonithAction?: 'reboot' | 'off';
  readonly stonithTimeout?: string;
  readonly noQuorumPolicy?: 'stop' | 'freeze' | 'ignore' | 'suicide' | 'demote';
  readonly reconnectInterval?: string;
  readonly remoteMonitorInterval?: string;
  readonly remoteMonitorTimeout?: string;
  readonly remoteStartTimeout?: string;
  readonly concurrentFencing?: boolean;
  readonly fencing?: FencingLayout;
  /** More cluster properties, or other values for those above: name → value. */
  readonly properties?: Readonly<Record<string, string>>;
  /** XML to put inside <resources>, <constraints>, <alerts>; ids are global in a CIB. */
  readonly extra?: { readonly resources?: string; readonly constraints?: string; readonly alerts?: string };
}

/** A file put into the /etc of nodes before they start. */
export interface NodeFile {
  /** Absolute, below /etc. Below /etc/lifeboat it is on the node's own disk, elsewhere it is read-only. */
  readonly path: string;
  readonly content: string;
  /** Default 0o644. */
  readonly mode?: number;
  /** `user:group`, default root:root. */
  readonly owner?: string;
  /** Default: every node. */
  readonly on?: NodeRole | readonly string[];
}

export interface LabOptions {
  /** Default `lab`. Labs with different names run side by side. */
  readonly name?: string;
  /** State folder; default /run/lifeboat-lab/<name>. */
  readonly dir?: string;
  /** Default 3. */
  readonly controllers?: number;
  /** Default 3. */
  readonly computes?: number;
  readonly cib?: CibOptions;
  /** Corosync's token timeout in milliseconds, default 1000: a lost controller is noticed after 2.2 times this. */
  readonly tokenMs?: number;
  /** Folders laid read-only over /usr in every node, the first on top. */
  readonly overlay?: readonly string[];
  readonly files?: readonly NodeFile[];
  /** Compute nodes send nova-compute's heartbeat to this port of the lab's cloud address. */
  readonly cloudBeat?: { readonly port: number };
  /** When `startLab` returns: all nodes online (default), or only powered on. */
  readonly until?: 'online' | 'booted';
  /** Milliseconds that `until: 'online'` may take, default 60 s and 1 s for each node. */
  readonly deadlineMs?: number;
  /** `process` (default): the lab is this process's; `detached`: it outlives it, until somebody takes it down. */
  readonly owner?: 'process' | 'detached';
}

export function nodesOf(options: LabOptions): readonly LabNode[] {
  const controllers = count('controllers', options.controllers ?? 3, 1, 9);
  const computes = count('computes', options.computes ?? 3, 0, 200);
  return [
    ...Array.from({ length: controllers }, (_, index): LabNode => {
      return { name: `ctl${index + 1}`, role: 'controller', address: controllerAddress(index + 1) };
    }),
    ...Array.from({ length: computes }, (_, index): LabNode => {
      return { name: `cmp${index + 1}`, role: 'compute', address: computeAddress(index + 1) };
    }),
  ];
}

/** Checks what a caller can get wrong before anything is made. Throws LabError `bad-argument`. */
export function checkOptions(options: LabOptions): void {
  if (options.tokenMs !== undefined) count('tokenMs', options.tokenMs, 100, 60_000);
  if (options.cloudBeat !== undefined) count('cloudBeat.port', options.cloudBeat.port, 1, 65_535);
  for (const folder of options.overlay ?? []) checkOverlay(folder);
  for (const file of options.files ?? []) checkFile(file, nodesOf(options));
}

/** Whether a file goes to this node. */
export function isFor(file: NodeFile, node: LabNode): boolean {
  if (file.on === undefined) return true;
  return typeof file.on === 'string' ? file.on === node.role : file.on.includes(node.name);
}

function count(what: string, value: number, least: number, most: number): number {
  if (Number.isInteger(value) && value >= least && value <= most) return value;
  throw new LabError('bad-argument', `${what} must be a whole number from ${least} to ${most}; got ${value}`);
}

function checkOverlay(folder: string): void {
  // Colons, commas and backslashes have a meaning in overlayfs's mount options.
  if (!/^\/[^:,\\\s]+$/.test(folder)) {
    throw new LabError(
      'bad-argument',
      `an overlay is an absolute path without blank, ":", "," or "\\"; got "${folder}"`,
    );
  }
  if (!existsSync(folder) || !statSync(folder).isDirectory()) {
    throw new LabError('bad-argument', `the overlay ${folder} is not a folder`);
  }
}

function checkFile(file: NodeFile, nodes: readonly LabNode[]): void {
  if (!/^\/etc\/[^/]/.test(file.path) || file.path.split('/').includes('..')) {
    throw new LabError('bad-argument', `a node's file must lie below /etc; got "${file.path}"`);
  }
  if (typeof file.on !== 'object') return;
  const stranger = file.on.find((name) => !nodes.some((node) => node.name === name));
  if (stranger !== undefined)
    throw new LabError('unknown-node', `the file ${file.path} is for ${stranger}, which is no node`);
}

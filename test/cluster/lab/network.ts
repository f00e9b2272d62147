import { existsSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { runCommand } from './host-command.ts';
import { cutMark, netnsPrefix, nodeNetns, switchNetns } from './layout.ts';
import type { Layout } from './layout.ts';

/**
 * One switch per lab in a network namespace without any way out, so the addresses are the same in every lab and collide
 * with nothing. `br0` is the network, `br1` the far side of a partition: a port moved there keeps its carrier and its
 * packets vanish, as behind a broken switch.
 */
export const CLOUD_ADDRESS = '10.77.255.254';
const NETNS_FOLDER = '/run/netns';

export function controllerAddress(number: number): string {
  return `10.77.0.${number}`;
}

export function computeAddress(number: number): string {
  return `10.77.${1 + Math.floor(number / 250)}.${1 + (number % 250)}`;
}

export async function createSwitch(layout: Layout): Promise<void> {
  await ip(['netns', 'add', switchNetns(layout)]);
  await ip(
    ['-n', switchNetns(layout), '-batch', '-'],
    [
      'link set lo up',
      // A bridge takes the lowest address of its ports: it would change with each power cut, and the nodes' ARP caches
      // would send everything for the cloud into the void for 20 s.
      `link add br0 address ${macOf(CLOUD_ADDRESS)} type bridge mcast_snooping 0`,
      'link set br0 up',
      `addr add ${CLOUD_ADDRESS}/16 dev br0`,
      'link add br1 type bridge mcast_snooping 0',
      'link set br1 up',
    ],
  );
}

export async function plugIn(layout: Layout, node: string, address: string): Promise<void> {
  await pullOut(layout, node);
  await ip(['netns', 'add', nodeNetns(layout, node)]);
  const side = existsSync(cutMark(layout, node)) ? 'br1' : 'br0';
  await ip(
    ['-n', switchNetns(layout), '-batch', '-'],
    [
      `link add ${port(node)} type veth peer name eth0 netns ${nodeNetns(layout, node)} address ${macOf(address)}`,
      `link set ${port(node)} master ${side} up`,
    ],
  );
  await ip(
    ['-n', nodeNetns(layout, node), '-batch', '-'],
    ['link set lo up', `addr add ${address}/16 dev eth0`, 'link set eth0 up'],
  );
}

/** The first thing a power cut does: a host without power sends no FIN, so the peers must hear nothing any more. */
export async function dropLink(layout: Layout, node: string): Promise<void> {
  await ip(['-n', switchNetns(layout), 'link', 'set', port(node), 'down'], [], 'if-there');
}

/** Removes the node's cable and network namespace, and with them what is left of its connections. */
export async function pullOut(layout: Layout, node: string): Promise<void> {
  if (!existsSync(join(NETNS_FOLDER, nodeNetns(layout, node)))) return;
  await ip(['-n', switchNetns(layout), 'link', 'del', port(node)], [], 'if-there');
  await ip(['netns', 'del', nodeNetns(layout, node)], [], 'if-there');
}

/** Moves the nodes to the far side: they see each other, and neither the rest nor the cloud. Outlives a reboot. */
export async function cutOff(layout: Layout, nodes: readonly string[]): Promise<void> {
  for (const node of nodes) writeFileSync(cutMark(layout, node), '');
  await moveTo(layout, 'br1', nodes);
}

export async function reconnect(layout: Layout, nodes: readonly string[]): Promise<void> {
  for (const node of nodes) rmSync(cutMark(layout, node), { force: true });
  await moveTo(layout, 'br0', nodes);
}

/** Every network namespace of the lab, also those of a crashed earlier run. */
export function namespacesOf(layout: Layout): readonly string[] {
  if (!existsSync(NETNS_FOLDER)) return [];
  return readdirSync(NETNS_FOLDER).filter((name) => name.startsWith(netnsPrefix(layout)));
}

export async function removeNetwork(layout: Layout): Promise<void> {
  for (const name of namespacesOf(layout)) await removeNamespace(name);
}

async function removeNamespace(name: string): Promise<void> {
  const result = await runCommand(['ip', 'netns', 'del', name], { allowFailure: true });
  // A run killed between the two halves of `ip netns add` leaves a plain file that `ip` cannot unmount.
  if (result.code !== 0) rmSync(join(NETNS_FOLDER, name), { force: true });
}

async function moveTo(layout: Layout, bridge: 'br0' | 'br1', nodes: readonly string[]): Promise<void> {
  // All cables in one batch: a partition happens to all its nodes at once. A node that is off has no cable to move.
  const plugged = nodes.filter((node) => existsSync(join(NETNS_FOLDER, nodeNetns(layout, node))));
  if (plugged.length === 0) return;
  const moves = plugged.map((node) => `link set ${port(node)} master ${bridge}`);
  await ip(['-n', switchNetns(layout), '-batch', '-'], moves);
}

const port = (node: string): string => `v${node}`;

// With a new random address after each boot the peers' ARP caches stay stale for some 15 s and the node seems not to
// come back; so the address follows from the IP.
function macOf(address: string): string {
  const bytes = address.split('.').map((part) => Number(part).toString(16).padStart(2, '0'));
  return `02:00:${bytes.join(':')}`;
}

async function ip(
  argv: readonly string[],
  batch: readonly string[] = [],
  absence: 'is-an-error' | 'if-there' = 'is-an-error',
): Promise<void> {
  await runCommand(['ip', ...argv], {
    input: batch.map((line) => `${line}\n`).join(''),
    allowFailure: absence === 'if-there',
  });
}

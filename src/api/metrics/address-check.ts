import type { FastifyRequest } from 'fastify';
import { BlockList, isIP, isIPv6 } from 'node:net';

/** Headers that a proxy adds. */
const FORWARDED = ['forwarded', 'x-forwarded-for', 'x-real-ip'] as const;

/**
 * Whether a request comes from one of these addresses or networks. One that a proxy handed on comes from the proxy's
 * client: a proxy on this machine must not make everybody look like a neighbour, so unless api.trusted_proxies names it,
 * what it hands on comes from nowhere that is known.
 */
export function addressCheck(networks: readonly string[]): (request: FastifyRequest) => boolean {
  const list = new BlockList();
  for (const network of networks) {
    const [address = '', prefix] = network.split('/');
    const family = isIPv6(address) ? 'ipv6' : 'ipv4';
    if (prefix === undefined) list.addAddress(address, family);
    else list.addSubnet(address, Number(prefix), family);
  }
  return (request) => {
    const isDirect = request.ip === request.socket.remoteAddress;
    if (isDirect && FORWARDED.some((name) => request.headers[name] !== undefined)) return false;
    return isIP(request.ip) !== 0 && list.check(request.ip, isIPv6(request.ip) ? 'ipv6' : 'ipv4');
  };
}

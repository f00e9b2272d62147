import { setTimeout as pause } from 'node:timers/promises';
import { novaClient, novaServer, type NovaClient, type NovaServer } from '../../cloud/support/nova-client.ts';
import type { Session, Stage } from './contender.ts';

const POLL_MS = 250;

/**
 * The least that any client can do: one token, forced down, evacuate calls at the given concurrency, one list that is
 * polled. Nothing is written down, nothing is checked, nothing is tried again.
 */
export async function startFloor({ cloud, proxy, victim, parallel }: Stage): Promise<Session> {
  const { username, password, projectName, domainName, region } = cloud.account;
  const nova = await novaClient({ authUrl: proxy.authUrl, username, password, projectName, domainName, region });
  const serviceId = await serviceIdOf(nova, victim);
  return {
    async recover(signal) {
      await nova.must('PUT', `/os-services/${serviceId}`, { forced_down: true });
      const listed = await nova.must('GET', `/servers/detail?all_tenants=1&host=${victim}`);
      await evacuateAll(nova, victim, (listed.servers ?? []).map(novaServer), parallel, signal);
    },
    end: () => Promise.resolve(),
  };
}

export async function serviceIdOf(nova: NovaClient, host: string): Promise<string> {
  const { services } = await nova.must('GET', `/os-services?binary=nova-compute&host=${host}`);
  const id = services?.[0]?.id;
  if (typeof id !== 'string') throw new Error(`Nova lists no nova-compute of ${host}`);
  return id;
}

async function evacuateAll(
  nova: NovaClient,
  victim: string,
  servers: readonly NovaServer[],
  parallel: number,
  signal: AbortSignal,
): Promise<void> {
  const waiting = servers.map(({ id }) => id);
  const inFlight = new Set<string>();
  const calls: Promise<unknown>[] = [];
  const refusals: unknown[] = [];
  for (;;) {
    while (waiting.length > 0 && inFlight.size < parallel) {
      const id = waiting.shift() ?? '';
      inFlight.add(id);
      const call = nova.must('POST', `/servers/${id}/action`, { evacuate: {} });
      calls.push(call.catch((error: unknown) => refusals.push(error)));
    }
    if (refusals.length > 0) throw refusals[0];
    if (inFlight.size === 0) break;
    await pause(POLL_MS, undefined, { signal });
    const listed = await nova.must('GET', '/servers/detail?all_tenants=1');
    for (const server of (listed.servers ?? []).map(novaServer)) {
      const isThere = server.host !== victim && server.status === 'ACTIVE' && server.taskState === undefined;
      if (isThere) inFlight.delete(server.id);
    }
  }
  await Promise.all(calls);
}

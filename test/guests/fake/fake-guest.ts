/** `answers` in 13 ms; `hangs`: libvirt gives up after 5 s; `absent`: there is a channel and nobody behind it. */
export type FakeAgent = 'answers' | 'hangs' | 'absent' | 'no channel';

export interface FakeGuest {
  readonly name: string;
  readonly uuid: string;
  readonly maker: 'nova' | 'somebody';
  id: number;
  agent: FakeAgent;
  /** VIR_DOMAIN_* and the reason that belongs to it. */
  state: readonly [number, number];
}

export const RUNNING = [1, 1] as const;
export const OFF = [5, 0] as const;

/** As libvirt writes it, as far as anybody here reads it. */
export function fakeXml({ name, uuid, maker, agent }: FakeGuest): string {
  const nova =
    '<nova:instance xmlns:nova="http://openstack.org/xmlns/libvirt/nova/1.1"><nova:name>a</nova:name></nova:instance>';
  const channel = "<channel type='unix'><target type='virtio' name='org.qemu.guest_agent.0'/></channel>";
  return [
    `<domain type='qemu'><name>${name}</name><uuid>${uuid}</uuid>`,
    maker === 'nova' ? `<metadata>${nova}</metadata>` : '',
    `<devices>${agent === 'no channel' ? '' : channel}</devices></domain>`,
  ].join('');
}

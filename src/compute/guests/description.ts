/** What matters to us in a domain's description. */
export interface GuestDescription {
  /** Nova made it: it carries Nova's metadata. Other guests of the host are not ours to report. */
  readonly isInstance: boolean;
  /** Has a channel on which QEMU's guest agent can listen. */
  readonly hasAgentChannel: boolean;
}

/**
 * By patterns instead of a parser: libvirt writes the document itself, and what an owner chose (the name of an
 * instance) stands in it without `<`, so it can make no element.
 */
const NOVA = /<(?:\w+:)?instance\s[^<>]*xmlns(?::\w+)?=["']http:\/\/openstack\.org\/xmlns\/libvirt\/nova\//;
const AGENT = /<target\s[^<>]*name=["']org\.qemu\.guest_agent\./;

export function describeGuest(xml: string): GuestDescription {
  return { isInstance: NOVA.test(xml), hasAgentChannel: AGENT.test(xml) };
}

/**
 * The numbers of libvirt's wire protocol, from remote_protocol.x, qemu_protocol.x and virkeepaliveprotocol.h. Numbers
 * are only ever added there, because old clients must go on working.
 */
export const PROGRAM = { remote: 0x2000_8086, qemu: 0x2000_8087, keepAlive: 0x6b65_6570 } as const;

export const VERSION = 1;

export interface Procedure {
  readonly program: number;
  readonly number: number;
  /** For messages: what was asked. */
  readonly name: string;
}

const remote = (number: number, name: string): Procedure => ({ program: PROGRAM.remote, number, name });

export const PROCEDURE = {
  open: remote(1, 'to open the connection'),
  domainXml: remote(14, 'for the description of a domain'),
  authList: remote(66, 'how to log in'),
  authPolkit: remote(70, 'polkit for access'),
  domainState: remote(212, 'for the state of a domain'),
  listDomains: remote(273, 'for the list of domains'),
  registerEvent: remote(316, 'for events'),
  agentCommand: { program: PROGRAM.qemu, number: 3, name: 'the agent of a guest' },
} as const satisfies Record<string, Procedure>;

export const KEEP_ALIVE = { ping: 1, pong: 2 } as const;

/** VIR_DOMAIN_EVENT_ID_*: what is registered, and the procedure of the messages that follow. */
export const EVENT_SOURCES = {
  lifecycle: { id: 0, procedure: 318 },
  reboot: { id: 1, procedure: 319 },
  watchdog: { id: 3, procedure: 321 },
  ioError: { id: 4, procedure: 322 },
  ioErrorReason: { id: 6, procedure: 324 },
  controlError: { id: 7, procedure: 325 },
  agentLifecycle: { id: 18, procedure: 348 },
} as const;

export type EventSource = keyof typeof EVENT_SOURCES;

/** VIR_ERR_*: the answers that mean something to us. */
export const REFUSAL = {
  operationDenied: 29,
  noDomain: 42,
  authFailed: 45,
  operationInvalid: 55,
  /** VIR_ERR_ARGUMENT_UNSUPPORTED: the guest has no channel for an agent. */
  argumentUnsupported: 74,
  authCancelled: 79,
  authUnavailable: 80,
  agentUnresponsive: 86,
  accessDenied: 88,
} as const;

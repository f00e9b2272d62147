import type { Duplex } from 'node:stream';
import { LifeboatError } from '../../errors.ts';
import type { Clock } from '../../ports.ts';
import { RpcConnection } from './connection.ts';
import type { Answer, ConnectionTimings } from './connection.ts';
import { LEAST_DOMAIN_BYTES, readDomain, readState, writeDomain } from './domain.ts';
import type { Domain, DomainState } from './domain.ts';
import { readEvent } from './domain-event.ts';
import type { DomainEvent } from './domain-event.ts';
import { EVENT_SOURCES, PROCEDURE, REFUSAL } from './procedures.ts';
import type { EventSource, Procedure } from './procedures.ts';
import { XdrWriter } from './xdr-writer.ts';
import type { XdrReader } from './xdr-reader.ts';

/** `read` is enough for events and states; to ask a guest's agent libvirt wants `write`. */
export type Access = 'read' | 'write';

/** A new stream to libvirt's socket. Rejects with LifeboatError LIBVIRT_UNREACHABLE or LIBVIRT_NO_PERMISSION. */
export type Dial = (access: Access) => Promise<Duplex>;

export interface SessionOptions {
  readonly dial: Dial;
  readonly access: Access;
  readonly clock: Clock;
  readonly timings: ConnectionTimings;
  readonly onEvent?: (event: DomainEvent) => void;
}

/** What the agent of a guest said, or why it did not. */
export type AgentAnswer =
  | { readonly kind: 'pong' }
  /** The guest does not run, or is paused: it cannot answer, which says nothing of its agent. */
  | { readonly kind: 'not running' }
  | { readonly kind: 'no channel' }
  /** No agent behind the channel, or one that says nothing. */
  | { readonly kind: 'silent'; readonly message: string }
  | { readonly kind: 'gone' };

/** REMOTE_AUTH_*. libvirtd asks root for nothing, whatever it asks of others. */
const AUTH = { none: 0, polkit: 2 } as const;
const READ_ONLY = 1;
const PING = '{"execute":"guest-ping"}';
/** libvirt gives up 5 s after its own timeout, for the step in which it finds out whether an agent listens. */
const AGENT_MARGIN_MS = 10_000;

/** An open connection to the libvirt of this host: `qemu:///system`. */
export class LibvirtSession {
  readonly closed: Promise<LifeboatError>;
  readonly #connection: RpcConnection;

  private constructor(connection: RpcConnection) {
    this.#connection = connection;
    this.closed = connection.closed;
  }

  /** Connects and logs in. Rejects with LifeboatError LIBVIRT_*; nothing stays open then. */
  static async open({ dial, access, clock, timings, onEvent }: SessionOptions): Promise<LibvirtSession> {
    const stream = await dial(access);
    const connection = new RpcConnection({
      stream,
      clock,
      timings,
      onEvent: (frame) => {
        const event = readEvent(frame);
        if (event !== undefined) onEvent?.(event);
      },
    });
    const session = new LibvirtSession(connection);
    try {
      await session.#logIn();
      const flags = access === 'read' ? READ_ONLY : 0;
      await session.#ask(PROCEDURE.open, new XdrWriter().optionalString('qemu:///system').uint(flags));
      return session;
    } catch (error) {
      session.close();
      throw error;
    }
  }

  async register(source: EventSource): Promise<void> {
    await this.#ask(PROCEDURE.registerEvent, new XdrWriter().int(EVENT_SOURCES[source].id).uint(0));
  }

  /** All domains, those that do not run included. */
  async domains(): Promise<readonly Domain[]> {
    const reader = await this.#ask(PROCEDURE.listDomains, new XdrWriter().int(1).uint(0));
    return this.#read(() => reader.list(LEAST_DOMAIN_BYTES, readDomain));
  }

  /** Undefined when there is no such domain any more. */
  async stateOf(domain: Domain): Promise<DomainState | undefined> {
    const body = writeDomain(new XdrWriter(), domain).uint(0);
    const reader = await this.#askAbout(PROCEDURE.domainState, body);
    return reader && this.#read(() => readState(reader));
  }

  /** The domain's description; undefined when there is no such domain any more. */
  async xmlOf(domain: Domain): Promise<string | undefined> {
    const body = writeDomain(new XdrWriter(), domain).uint(0);
    const reader = await this.#askAbout(PROCEDURE.domainXml, body);
    return reader && this.#read(() => reader.string());
  }

  /** Asks the guest's agent whether it lives. Needs `write`. `timeoutS`: whole seconds that libvirt waits for the agent. */
  async pingAgent(domain: Domain, timeoutS: number): Promise<AgentAnswer> {
    const body = writeDomain(new XdrWriter(), domain).string(PING).int(timeoutS).uint(0);
    const timeoutMs = timeoutS * 1_000 + AGENT_MARGIN_MS;
    const answer = await this.#connection.call(PROCEDURE.agentCommand, body.done(), timeoutMs);
    if (answer.kind === 'done') return { kind: 'pong' };
    switch (answer.code) {
      case REFUSAL.operationInvalid:
        return { kind: 'not running' };
      case REFUSAL.argumentUnsupported:
        return { kind: 'no channel' };
      case REFUSAL.agentUnresponsive:
        return { kind: 'silent', message: answer.message };
      case REFUSAL.noDomain:
        return { kind: 'gone' };
      default:
        throw refused(PROCEDURE.agentCommand, answer);
    }
  }

  close(reason = new LifeboatError('LIBVIRT_CLOSED', 'we have closed the connection to libvirt')): void {
    this.#connection.close(reason);
  }

  async #logIn(): Promise<void> {
    const reader = await this.#ask(PROCEDURE.authList, new XdrWriter());
    const ways = this.#read(() => reader.list(4, (each) => each.int()));
    if (ways.length === 0 || ways.includes(AUTH.none)) return;
    if (!ways.includes(AUTH.polkit)) {
      throw new LifeboatError(
        'LIBVIRT_NO_PERMISSION',
        `libvirt wants a way of login that is not known here: ${ways.join(', ')}`,
      );
    }
    await this.#ask(PROCEDURE.authPolkit, new XdrWriter());
  }

  async #ask(procedure: Procedure, body: XdrWriter): Promise<XdrReader> {
    const answer = await this.#connection.call(procedure, body.done());
    if (answer.kind === 'refused') throw refused(procedure, answer);
    return answer.body;
  }

  async #askAbout(procedure: Procedure, body: XdrWriter): Promise<XdrReader | undefined> {
    const answer = await this.#connection.call(procedure, body.done());
    if (answer.kind === 'done') return answer.body;
    if (answer.code === REFUSAL.noDomain) return undefined;
    throw refused(procedure, answer);
  }

  /** After an answer that cannot be read the next ones cannot be trusted. */
  #read<T>(read: () => T): T {
    try {
      return read();
    } catch (error) {
      if (error instanceof LifeboatError) this.close(error);
      throw error;
    }
  }
}

const NO_PERMISSION: ReadonlySet<number> = new Set([
  REFUSAL.operationDenied,
  REFUSAL.authFailed,
  REFUSAL.authCancelled,
  REFUSAL.authUnavailable,
  REFUSAL.accessDenied,
]);

function refused({ name }: Procedure, { code, message }: Extract<Answer, { kind: 'refused' }>): LifeboatError {
  const kind = NO_PERMISSION.has(code) ? 'LIBVIRT_NO_PERMISSION' : 'LIBVIRT_FAILED';
  return new LifeboatError(kind, `libvirt was asked ${name} and answered with error ${code}: ${message}`);
}

import type { Logger } from '../../ports.ts';
import type { Registry } from '../../engine/registry/registry.ts';
import type { Caller } from '../auth/caller.ts';
import type { Policy } from '../auth/policy.ts';
import type { Microversion } from './microversion.ts';

export interface MasakariPorts {
  readonly registry: Registry;
  /** As it stands now: its file may change. */
  readonly policy: () => Policy;
  readonly logger: Logger;
  /** Rows that a list has at the most. */
  readonly maxLimit: number;
  /** Before the paths of links; undefined: what the client called. */
  readonly linkPrefix: string | undefined;
}

/** One request, once it is known who asks, for what, and in which version. */
export interface Call {
  readonly ports: MasakariPorts;
  readonly caller: Caller;
  readonly version: Microversion;
  readonly query: URLSearchParams;
  /** The values in the path, in their order. */
  readonly ids: readonly string[];
  /** Parsed; undefined when there was none. */
  readonly body: unknown;
  /** The name that the reporter has given to its report, if it has: a UUID in lower case. */
  readonly reportId: string | undefined;
  /** The address at which the client reached us: http://host:port */
  readonly base: string;
}

export interface Answer {
  readonly status: number;
  readonly body?: unknown;
}

export type Handler = (call: Call) => Promise<Answer> | Answer;

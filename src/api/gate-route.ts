import type { FastifyInstance } from 'fastify';
import { GATE_PURPOSES, type GateAnswer, type GatePurpose } from '../engine/gate.ts';
import { refuse } from './refusal.ts';

/** Resolves with what a reading of the cluster says that began after the call, or with `unknown`. */
export type GateHandler = (host: string, purpose: GatePurpose) => Promise<GateAnswer>;

/** The answer of GET /lifeboat/v1/hosts/{host}/gate. */
export interface GateBody {
  readonly host: string;
  readonly for: GatePurpose;
  readonly gate: GateAnswer['gate'];
  readonly reason: string;
  readonly remedy?: string;
  /** ISO 8601, UTC; absent when it is not known. */
  readonly since?: string;
}

export const GATE_PATH = '/lifeboat/v1/hosts/:host/gate';
/** As the configuration takes a host's name. */
const HOST_NAME = /^[A-Za-z0-9][A-Za-z0-9._-]{0,254}$/;

/**
 * Asked by `lifeboat gate wait` on a compute host. Without a token: a host that boots has no credentials of the cloud, and
 * must not need Keystone to be kept out. It changes nothing, and tells of one host whether it is being recovered.
 */
export function gateRoute(app: FastifyInstance, gate: GateHandler): void {
  app.get<{ Params: { host: string }; Querystring: Readonly<Record<string, unknown>> }>(
    GATE_PATH,
    async (request, reply) => {
      const { host } = request.params;
      const purpose = purposeOf(request.query.for);
      if (!HOST_NAME.test(host)) return refuse(reply, 400, 'this is no name of a host');
      if (purpose === undefined) return refuse(reply, 400, `for must be one of ${GATE_PURPOSES.join(', ')}`);
      const { sinceMs, ...answer } = await gate(host, purpose);
      const since = sinceMs === undefined ? {} : { since: new Date(sinceMs).toISOString() };
      const body: GateBody = { host, for: purpose, ...answer, ...since };
      return reply.header('cache-control', 'no-store').send(body);
    },
  );
}

function purposeOf(value: unknown): GatePurpose | undefined {
  return value === undefined ? 'nova-compute' : GATE_PURPOSES.find((purpose) => purpose === value);
}

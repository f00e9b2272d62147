import { RECOVERY_STATES } from '../../engine/recovery.ts';
import type { Order, OrderAnswer, PlanStatus, Status } from '../../control/protocol.ts';
import { errorBody } from '../refusal.ts';
import { pageAfter } from './page.ts';
import {
  FAULT,
  HOLDS,
  HOST,
  HOSTS,
  MOVES,
  NAME,
  ORDER,
  ORDERED,
  PAUSE,
  PLAN,
  PROCEED,
  RECOVERIES,
  RECOVERY,
  RESUME,
  STATUS,
  type Schema,
} from './schemas.ts';

export interface OwnSource {
  readonly status: () => Status;
  readonly plan: (host: string) => Promise<PlanStatus>;
  readonly order: (order: Order) => Promise<OrderAnswer>;
}

/** What a request said, validated. */
export interface Asked {
  readonly params: Readonly<Record<string, string>>;
  readonly query: Readonly<Record<string, unknown>>;
  readonly body: Readonly<Record<string, unknown>>;
  /** Who an order is by. */
  readonly by: string;
}

/** Undefined: there is no such thing. */
export type Given = { readonly status: number; readonly body: object } | undefined;

export interface OwnRoute {
  readonly method: 'GET' | 'POST';
  /** After /lifeboat/v1, as Fastify writes it. */
  readonly path: string;
  readonly summary: string;
  readonly rule: 'lifeboat_api:read' | 'lifeboat_api:operate';
  readonly params?: Readonly<Record<string, Schema>>;
  readonly query?: Readonly<Record<string, Schema>>;
  readonly body?: Schema;
  /** By status; the refusals that every route has are left out. */
  readonly answers: Readonly<Record<number, Schema>>;
  readonly answer: (asked: Asked, source: OwnSource) => Promise<Given> | Given;
}

const LIMIT: Schema = { type: 'integer', minimum: 1, maximum: 1_000, default: 100 };
const STATE: Schema = { enum: Object.keys(RECOVERY_STATES) };
const found = { 404: FAULT };
/** What was refused has its reason in words, as what was done. */
const ordered = { 200: ORDERED, 409: ORDERED };

export const OWN_ROUTES: readonly OwnRoute[] = [
  {
    method: 'GET',
    path: '/status',
    summary: 'How the engine is',
    rule: 'lifeboat_api:read',
    answers: { 200: STATUS },
    answer: (_, { status }) => {
      const { hosts: _hosts, recoveries: _recoveries, reports: _reports, pid: _pid, ...health } = status();
      return { status: 200, body: health };
    },
  },
  {
    method: 'GET',
    path: '/hosts',
    summary: 'The hosts, as the cluster and Nova know them',
    rule: 'lifeboat_api:read',
    answers: { 200: HOSTS },
    answer: (_, { status }) => ({ status: 200, body: { hosts: status().hosts } }),
  },
  {
    method: 'GET',
    path: '/hosts/:host',
    summary: 'One host, by its name in Nova or in the cluster',
    rule: 'lifeboat_api:read',
    params: { host: NAME },
    answers: { 200: HOST, ...found },
    answer: ({ params }, { status }) => {
      const host = status().hosts.find((each) => each.host === params['host'] || each.node === params['host']);
      return host && { status: 200, body: { host } };
    },
  },
  {
    method: 'GET',
    path: '/hosts/:host/plan',
    summary: 'What a recovery of the host would do now',
    rule: 'lifeboat_api:read',
    params: { host: NAME },
    answers: { 200: PLAN, 409: PLAN },
    answer: async ({ params }, { plan }) => {
      const body = await plan(params['host'] ?? '');
      return { status: body.outcome === 'planned' ? 200 : 409, body };
    },
  },
  {
    method: 'GET',
    path: '/recoveries',
    summary: 'Recoveries, the newest first; `next` is the marker of what follows',
    rule: 'lifeboat_api:read',
    query: { limit: LIMIT, marker: NAME, host: NAME, state: STATE },
    answers: { 200: RECOVERIES },
    answer: ({ query }, { status }) => {
      const { host, limit, marker, state } = query;
      const page = pageAfter(status().recoveries, {
        limit: Number(limit),
        marker: typeof marker === 'string' ? marker : undefined,
        isWanted: (each) => (host === undefined || each.host === host) && (state === undefined || each.state === state),
      });
      if (page === undefined) return { status: 400, body: errorBody(400, 'no recovery has the id that marker names') };
      return { status: 200, body: { recoveries: page.rows, ...(page.next !== undefined && { next: page.next }) } };
    },
  },
  {
    method: 'GET',
    path: '/recoveries/:id',
    summary: 'One recovery',
    rule: 'lifeboat_api:read',
    params: { id: NAME },
    answers: { 200: RECOVERY, ...found },
    answer: ({ params }, { status }) => {
      const recovery = status().recoveries.find(({ id }) => id === params['id']);
      return recovery && { status: 200, body: { recovery } };
    },
  },
  {
    method: 'GET',
    path: '/recoveries/:id/moves',
    summary: 'The instances of a recovery',
    rule: 'lifeboat_api:read',
    params: { id: NAME },
    answers: { 200: MOVES, ...found },
    answer: ({ params }, { status }) => {
      const recovery = status().recoveries.find(({ id }) => id === params['id']);
      return recovery && { status: 200, body: { moves: recovery.moves } };
    },
  },
  {
    method: 'GET',
    path: '/holds',
    summary: 'What waits on purpose, the most urgent first',
    rule: 'lifeboat_api:read',
    answers: { 200: HOLDS },
    answer: (_, { status }) => ({ status: 200, body: { holds: status().holds } }),
  },
  {
    method: 'POST',
    path: '/pause',
    summary: 'Begin nothing new',
    rule: 'lifeboat_api:operate',
    body: PAUSE,
    answers: ordered,
    answer: ({ body, by }, { order }) => told(order({ op: 'pause', by, reason: String(body['reason']) })),
  },
  {
    method: 'POST',
    path: '/resume',
    summary: 'End the pause',
    rule: 'lifeboat_api:operate',
    body: RESUME,
    answers: ordered,
    answer: ({ by }, { order }) => told(order({ op: 'resume', by })),
  },
  {
    method: 'POST',
    path: '/proceed',
    summary: 'Let what the storm guard holds begin: all of it, or these hosts',
    rule: 'lifeboat_api:operate',
    body: PROCEED,
    answers: ordered,
    answer: ({ body, by }, { order }) =>
      told(order({ op: 'proceed', by, hosts: (body['hosts'] ?? []) as readonly string[], ...reasonOf(body) })),
  },
  ...(['retry', 'cancel', 'acknowledge'] as const).map((op): OwnRoute => ({
    method: 'POST',
    path: `/recoveries/:target/${op}`,
    summary: summaryOf(op),
    rule: 'lifeboat_api:operate',
    params: { target: NAME },
    body: ORDER,
    answers: ordered,
    answer: ({ body, by, params }, { order }) =>
      told(order({ op, by, target: params['target'] ?? '', ...reasonOf(body) })),
  })),
];

function summaryOf(op: 'retry' | 'cancel' | 'acknowledge'): string {
  if (op === 'retry') return 'Try failed moves again: of a host, a recovery or one instance';
  return op === 'cancel'
    ? 'Send nothing more for a recovery'
    : 'Take what has ended off the list of what needs somebody';
}

async function told(answer: Promise<OrderAnswer>): Promise<Given> {
  const body = await answer;
  return { status: body.outcome === 'done' ? 200 : 409, body };
}

function reasonOf(body: Readonly<Record<string, unknown>>): { readonly reason?: string } {
  const { reason } = body;
  return typeof reason === 'string' ? { reason } : {};
}

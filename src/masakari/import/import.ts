import type { ImportedNotification, ImportedSegment } from '../../engine/registry/registry.ts';
import type { StoreReading } from '../../engine/store/store-reading.ts';
import { LifeboatError } from '../../errors.ts';
import { readConf } from '../conf/conf.ts';
import { parseDatabaseUrl, type DatabaseUrl } from '../conf/database-url.ts';
import { findSchema } from '../database/find-schema.ts';
import { openMasakari } from '../database/open.ts';
import { readMasakari, type ReadDatabase } from '../database/read.ts';
import type { Schema } from '../database/schema.ts';
import { translate, type Translation } from '../options/translate.ts';
import { historyChunks, importedSegments } from './imported.ts';
import { isIdle, planImport, type ImportPlan } from './plan.ts';
import { readTarget } from './target.ts';

export interface ImportOrder {
  /** masakari.conf, and others after it. */
  readonly files: readonly string[];
  readonly folders: readonly string[];
  /** `apply-though-running`: what Masakari has not ended is left behind. */
  readonly mode: 'dry-run' | 'apply' | 'apply-though-running';
}

export interface ImportPorts {
  /** Only looked at; undefined: it has nothing of ours yet. */
  readonly readStore: () => Promise<StoreReading | undefined>;
  /** The engine that runs, which writes. Throws DAEMON_UNREACHABLE. */
  readonly engine: EngineDoor;
  readonly nowMs: number;
  /** How long the engine keeps what has ended. */
  readonly retentionMs: number;
}

/** Each answers in a sentence, or throws NOT_ALLOWED with the engine's words. What was answered is on disk. */
export interface EngineDoor {
  importSegment(segment: ImportedSegment): Promise<string>;
  importHistory(notifications: readonly ImportedNotification[]): Promise<string>;
}

export interface ImportReport {
  readonly database: string;
  readonly schema: Schema;
  readonly plan: ImportPlan;
  readonly translation: Translation;
  readonly outcome: Outcome;
}

export type Outcome =
  /** Nothing was done. `obstacles`: sentences; empty when --apply would write. */
  | { readonly kind: 'planned'; readonly obstacles: readonly string[] }
  | { readonly kind: 'refused'; readonly obstacles: readonly string[] }
  /** What the engine said of each part. */
  | { readonly kind: 'written'; readonly lines: readonly string[] }
  | { readonly kind: 'nothing-new' };

/**
 * Reads Masakari's files and database, and Lifeboat's store; and has the engine write, when that was asked for. Whatever
 * cuts it off: the same again does the rest. Throws MASAKARI_CONF_INVALID, MASAKARI_DATABASE_UNUSABLE,
 * MASAKARI_SCHEMA_UNKNOWN, and as the store and the engine do.
 */
export async function importMasakari(order: ImportOrder, ports: ImportPorts): Promise<ImportReport> {
  const conf = readConf(order.files, order.folders);
  const translation = translate(conf);
  const connection = conf.get('database.connection');
  if (connection === undefined)
    throw new LifeboatError(
      'MASAKARI_CONF_INVALID',
      `[database] connection stands in none of ${conf.files.join(', ')}`,
    );
  const url = parseDatabaseUrl(connection);
  const { read, schema } = await readAll(url);
  const plan = planImport(read, await targetOf(ports), ports);
  const outcome = order.mode === 'dry-run' ? plannedOnly(plan) : await apply(plan, order.mode, ports.engine);
  return { database: `${url.database} on ${url.host}:${url.port}`, schema, plan, translation, outcome };
}

async function readAll(url: DatabaseUrl): Promise<{ readonly schema: Schema; readonly read: ReadDatabase }> {
  const database = await openMasakari(url);
  try {
    const schema = await findSchema(database);
    return { schema, read: await readMasakari(database, schema) };
  } finally {
    database.close();
  }
}

async function targetOf({ readStore }: ImportPorts): ReturnType<typeof readTarget> {
  const store = await readStore();
  try {
    return await readTarget(store);
  } finally {
    await store?.close();
  }
}

function plannedOnly(plan: ImportPlan): Outcome {
  return { kind: 'planned', obstacles: obstaclesOf(plan, 'apply') };
}

async function apply(plan: ImportPlan, mode: ImportOrder['mode'], engine: EngineDoor): Promise<Outcome> {
  const obstacles = obstaclesOf(plan, mode);
  if (obstacles.length > 0) return { kind: 'refused', obstacles };
  if (isIdle(plan)) return { kind: 'nothing-new' };
  const lines: string[] = [];
  for (const segment of importedSegments(plan)) lines.push(await engine.importSegment(segment));
  for (const chunk of historyChunks(plan)) lines.push(await engine.importHistory(chunk));
  return { kind: 'written', lines };
}

function obstaclesOf({ obstacles, unfinished }: ImportPlan, mode: ImportOrder['mode']): readonly string[] {
  if (mode === 'apply-though-running') return obstacles;
  return [
    ...obstacles,
    ...unfinished.map(
      ({ host, status, type, uuid }) =>
        `Masakari has not ended the ${type} notification ${uuid} of ${host} (${status}): it may be evacuating. Let its ` +
        'engine end it; or, when that is stopped and you have looked, leave it behind: --apply --even-if-running',
    ),
  ];
}

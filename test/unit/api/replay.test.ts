import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { describe, expect, it } from 'vitest';
import { hostOf, reportOf, segmentOf } from '../engine/registry/bench.ts';
import type { Recording } from '../openstack/recordings.ts';
import { ADMIN_PROJECT, callerOf, masakariStage, type MasakariStage } from './masakari-stage.ts';

const FOLDER = join(import.meta.dirname, '../../samples/masakari');
/** What is answered otherwise: why, and each part of the answer that is not as recorded, by its path, as we answer it. */
interface Difference {
  readonly why: string;
  readonly answered: Readonly<Record<string, unknown>>;
}
const DIFFERENCES = read<Readonly<Record<string, Difference>>>('differences.json');
const FILES = readdirSync(FOLDER).filter((file) => file.endsWith('.json') && file !== 'differences.json');

/** Ids of the recordings. */
const LAB_SEGMENT = '6d5459b4-aaf8-492d-9da2-ac0a604addfc';
const LAB_HOST = '49a4a49b-af50-46dc-9fb3-59fc2dfe0226';
const CAP_SEGMENT = '1f2d54d3-3ec8-4a3d-abd7-6f099de9f9c8';
const CAP_HOST = '03944d94-6f50-4f5b-855a-7cc225cd9a37';
const STARTED = 'e3d514f4-1246-42a3-9ffd-dd2366100b0a';
const OF_AN_INSTANCE = '0287c71e-ff0a-4974-9d96-fa73feb303df';
const DEMO_PROJECT = '67ebde252e06445f960d762eff8515d8';

function read<T>(file: string): T {
  return JSON.parse(readFileSync(join(FOLDER, file), 'utf8')) as T;
}

/** As the recorded cloud stood: a segment at work, and one for the recordings with a host in it. */
async function prepare(file: string, stage: MasakariStage): Promise<ReadonlyMap<string, string>> {
  const { registry } = stage;
  const ids = new Map<string, string>();
  const lab = await registry.addSegment(segmentOf('lab-seg', { serviceType: 'COMPUTE' }));
  ids.set(LAB_SEGMENT, lab.uuid);
  for (const name of ['compute-1', 'compute-3', 'compute-11']) {
    const { uuid } = await registry.addHost(lab.uuid, hostOf(name));
    ids.set(name === 'compute-1' ? LAB_HOST : name, uuid);
  }
  if (/under-recovery|filter|list|since|host-duplicate/.test(file)) {
    const { uuid } = await registry.notify(reportOf('compute-1', NOW));
    if (file === 'notifications-filter.json') await stage.notices.save({ uuid, status: 'running', message: undefined });
  }
  if (!/segment-create-201|segments-nomv|mv-/.test(file)) {
    const name = file.startsWith('host') ? 'cap-seg2' : 'cap-seg';
    const description = file === 'segment-get.json' ? 'made for captures' : 'changed';
    const cap = await registry.addSegment(segmentOf(name, { serviceType: 'COMPUTE', description }));
    ids.set(CAP_SEGMENT, cap.uuid);
    if (!/host-create-201|segment-delete-204/.test(file)) {
      const onMaintenance = file === 'notification-on-maintenance-409.json';
      ids.set(CAP_HOST, (await registry.addHost(cap.uuid, hostOf('compute-4', { onMaintenance }))).uuid);
    }
  }
  if (/hosts-list/.test(file))
    await registry.addHost(ids.get(CAP_SEGMENT) ?? '', hostOf('compute-5', { reserved: true }));
  if (/notifications?-(get|put|delete|list|since|duplicate)|vmoves/.test(file) && !/maintenance/.test(file)) {
    const payload = { event: 'STARTED', cluster_status: 'ONLINE', host_status: 'NORMAL' };
    const generatedAtMs = Date.parse('2026-11-22T06:38:18Z');
    ids.set(STARTED, (await registry.notify(reportOf('compute-4', { payload, generatedAtMs }))).uuid);
  }
  if (/notifications-(list|since)/.test(file)) {
    const payload = { event: 'STOPPED', process_name: 'libvirt-bin' };
    await registry.notify(reportOf('compute-4', { type: 'PROCESS', payload, ...NOW }));
  }
  if (/segments-(list|filter|limit1)/.test(file)) {
    await registry.addSegment(
      segmentOf('cap-reserved_host', { serviceType: 'COMPUTE', recoveryMethod: 'reserved_host' }),
    );
  }
  if (/details/.test(file)) {
    const payload = { event: 'LIFECYCLE', instance_uuid: OF_AN_INSTANCE, vir_domain_event: 'STOPPED_FAILED' };
    const { uuid } = await registry.notify(reportOf('compute-11', { type: 'VM', payload }));
    ids.set(OF_AN_INSTANCE, uuid);
  }
  if (/segment-delete-again/.test(file)) await registry.removeSegment(ids.get(CAP_SEGMENT) ?? '');
  return ids;
}

const NOW = { generatedAtMs: Date.parse('2026-11-22T06:58:30Z') };

function withIds(value: unknown, ids: ReadonlyMap<string, string>): unknown {
  let text = JSON.stringify(value);
  for (const [recorded, actual] of ids) text = text.replaceAll(recorded, actual);
  return JSON.parse(text) as unknown;
}

/** Ids and times are compared by their form; what a list holds by the form of its first row. */
function formOf(value: unknown, key = '', isRow = false): unknown {
  if (Array.isArray(value)) return value.length === 0 ? [] : [formOf(value[0], key, typeof value[0] === 'object')];
  if (typeof value === 'object' && value !== null) {
    return Object.fromEntries(Object.entries(value).map(([name, each]) => [name, formOf(each, name, isRow)]));
  }
  if (/^(id|uuid|\w+_uuid|failover_segment_id)$/.test(key)) return typeof value;
  // Of a row that was changed before it was recorded.
  if (key === 'updated_at') return 'a time or none';
  if (/^(\w+_at|generated_time|start_time|end_time|timestamp)$/.test(key)) return value === null ? null : 'a time';
  if (isRow && /^(status|name|description|reserved|recovery_method|process_name|type|event|host_status)$/.test(key)) {
    return value === null ? null : typeof value;
  }
  return value;
}

describe('a request that Masakari has answered', () => {
  it('is there to be replayed', () => {
    expect(FILES.length).toBeGreaterThan(70);
    expect(Object.keys(DIFFERENCES).filter((file) => !FILES.includes(file))).toEqual([]);
  });

  it.each(FILES)('is answered alike: %s', async (file) => {
    const { request, response } = read<Recording>(file);
    const stage = await masakariStage({
      authenticate: async (token) => {
        if (token === undefined || token === '' || file.startsWith('badtoken')) return { kind: 'refused' };
        const project = /\/v1\/([0-9a-f]{32})/.exec(request.url)?.[1] ?? ADMIN_PROJECT;
        return { kind: 'caller', caller: callerOf([project === DEMO_PROJECT ? 'member' : 'admin'], project) };
      },
    });
    const ids = await prepare(file, stage);
    const { pathname, search } = new URL(request.url);
    const version = request.headers['OpenStack-API-Version'];
    const token = request.headers['x-auth-token'] ?? request.headers['X-Auth-Token'];
    const answer = await stage.ask(request.method, String(withIds(`${pathname}${search}`, ids)), {
      ...(request.body === null || request.body === '' ? {} : { body: request.body }),
      headers: {
        'x-auth-token': file.startsWith('notoken') ? '' : (token ?? ''),
        ...(version === undefined ? {} : { 'openstack-api-version': version }),
      },
    });
    const recordedIds = new Map([...ids].map(([before, now]) => [now, before]));
    const seen = {
      status: answer.status,
      headers: headersOf(answer.headers),
      body: bodyOf(withIds(answer.body, recordedIds)),
    };
    const recorded = {
      status: response.status,
      headers: headersOf(response.headers),
      body: bodyOf(response.body),
    };
    expect(differences(recorded, seen)).toEqual(DIFFERENCES[file]?.answered ?? {});
  });
});

/** By path, as seen; null where it is there in the recording only. */
function differences(recorded: unknown, seen: unknown, path = ''): Readonly<Record<string, unknown>> {
  if (isTree(recorded) && isTree(seen)) {
    const names = new Set([...Object.keys(recorded), ...Object.keys(seen)]);
    return Object.assign(
      {},
      ...[...names].map((name) => differences(recorded[name], seen[name], path === '' ? name : `${path}.${name}`)),
    ) as Readonly<Record<string, unknown>>;
  }
  return isDeepStrictEqual(recorded, seen) ? {} : { [path]: seen ?? null };
}

function isTree(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null;
}

const COMPARED = ['content-type', 'openstack-api-version', 'vary', 'www-authenticate'];

function headersOf(headers: Readonly<Record<string, unknown>>): unknown {
  return Object.fromEntries(
    COMPARED.flatMap((name) => (headers[name] === undefined ? [] : [[name, textOfHeader(headers[name])]])),
  );
}

function textOfHeader(value: unknown): string {
  return typeof value === 'string' ? value.toLowerCase() : JSON.stringify(value);
}

/** Fields that came after the recordings are left out. */
function bodyOf(body: unknown): unknown {
  const text = JSON.stringify(formOf(body), (_, value: unknown) => {
    if (typeof value !== 'object' || value === null || !('notification_uuid' in value)) return value;
    return { ...value, failover_segment_uuid: undefined, message: undefined };
  });
  return JSON.parse(text) as unknown;
}

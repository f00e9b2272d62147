import type { Answer, Call } from '../../src/simulation/cloud/answer.ts';
import type { World } from '../../src/simulation/cloud/world.ts';

/** Where Glance is. */
export const GLANCE_PATH = '/image';

export function glance(world: World, call: Call, path: string): Answer {
  if (call.method !== 'GET' || path !== '/v2/images') return { status: 404 };
  const start = world.images.findIndex(({ id }) => id === call.query.get('marker')) + 1;
  const limit = Math.min(Number(call.query.get('limit') ?? 25), world.options.pageLimit);
  const page = world.images.slice(start, start + limit);
  const last = page.at(-1);
  const next = page.length < limit || last === undefined ? {} : { next: `/v2/images?limit=${limit}&marker=${last.id}` };
  const images = page.map(({ id, name, properties, tags }) => ({
    ...properties,
    id,
    name,
    tags,
    status: 'active',
    visibility: 'public',
    size: 1024,
    virtual_size: 1024,
    checksum: 'd41d8cd98f00b204e9800998ecf8427e',
    container_format: 'bare',
    disk_format: 'raw',
    created_at: '2026-11-22T06:35:00Z',
    updated_at: '2026-11-22T06:35:00Z',
    file: `/v2/images/${id}/file`,
    self: `/v2/images/${id}`,
    schema: '/v2/schemas/image',
    min_disk: 0,
    os_hash_algo: 'sha512',
    os_hash_value: 'cf83e135',
    os_hidden: false,
    stores: 'file',
    owner: world.ids.project,
    min_ram: 0,
    protected: false,
  }));
  return { status: 200, body: { images, first: '/v2/images', schema: '/v2/schemas/images', ...next } };
}

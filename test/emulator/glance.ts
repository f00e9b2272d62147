import type { Answer, Call } from './answer.ts';
import type { World } from './world.ts';

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
    owner: world.ids.project,
    min_ram: 0,
    protected: false,
  }));
  return { status: 200, body: { images, first: '/v2/images', schema: '/v2/schemas/images', ...next } };
}

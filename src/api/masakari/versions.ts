import { MAX_VERSION, MIN_VERSION, versionText } from './microversion.ts';

const MEDIA_TYPES = [{ base: 'application/json', type: 'application/vnd.openstack.masakari+json;version=1' }];

function v1(base: string): Readonly<Record<string, unknown>> {
  return {
    id: 'v1.0',
    status: 'CURRENT',
    version: versionText(MAX_VERSION),
    min_version: versionText(MIN_VERSION),
    updated: '2016-07-01T11:33:21Z',
    links: [{ rel: 'self', href: `${base}/v1/` }],
  };
}

/** GET /, for everybody. */
export function allVersions(base: string): unknown {
  return { versions: [v1(base)] };
}

/** GET /v1 and /v1/. */
export function oneVersion(base: string): unknown {
  const described = { rel: 'describedby', type: 'text/html', href: 'https://docs.openstack.org/' };
  const version = v1(base);
  return {
    version: { ...version, links: [...(version['links'] as unknown[]), described], 'media-types': MEDIA_TYPES },
  };
}

import { LifeboatError } from '../errors.ts';
import type { Credentials } from './credentials.ts';

interface Endpoint {
  readonly interface: string;
  readonly region: string;
  readonly url: string;
}

/** The one endpoint of the service in the region and of the interface; CLOUD_NO_ENDPOINT says what there is instead. */
export function chooseEndpoint(
  catalog: unknown,
  serviceTypes: readonly string[],
  choice: Pick<Credentials, 'region' | 'interface'>,
): string {
  const type = serviceTypes.find((candidate) => endpointsOf(catalog, candidate).length > 0);
  if (type === undefined) {
    throw new LifeboatError('CLOUD_NO_ENDPOINT', `the catalog has no service of type ${serviceTypes.join(' or ')}`);
  }
  const all = endpointsOf(catalog, type);
  const matching = all
    .filter((endpoint) => endpoint.interface === choice.interface)
    .filter((endpoint) => choice.region === undefined || endpoint.region === choice.region);
  const regions = new Set(matching.map((endpoint) => endpoint.region));
  if (regions.size > 1) {
    throw new LifeboatError(
      'CLOUD_NO_ENDPOINT',
      `${type} is in several regions, say which: ${[...regions].join(', ')}`,
    );
  }
  const [found] = matching;
  if (found === undefined) {
    const there = all.map((endpoint) => `${endpoint.interface} in ${endpoint.region}`).join(', ');
    const wanted = `${choice.interface} in ${choice.region ?? 'any region'}`;
    throw new LifeboatError('CLOUD_NO_ENDPOINT', `no ${type} endpoint ${wanted}; the catalog has ${there}`);
  }
  if (!URL.canParse(found.url)) {
    throw new LifeboatError('CLOUD_GARBAGE', `the catalog's ${type} endpoint ${found.interface} is not a URL`);
  }
  return found.url.replace(/\/+$/, '');
}

function endpointsOf(catalog: unknown, type: string): readonly Endpoint[] {
  if (!Array.isArray(catalog)) return [];
  return (catalog as readonly unknown[])
    .filter((service) => isObject(service) && service.type === type)
    .flatMap((service) =>
      isObject(service) && Array.isArray(service.endpoints) ? (service.endpoints as unknown[]) : [],
    )
    .filter(isObject)
    .map((endpoint) => ({
      interface: String(endpoint.interface).replace(/URL$/, ''),
      region: String(endpoint.region_id ?? endpoint.region),
      url: String(endpoint.url),
    }));
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}

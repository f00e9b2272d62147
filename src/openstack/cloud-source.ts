import type { CloudConfig } from './open-cloud.ts';

/** Where the configuration says that the credentials are. */
export interface CloudChoice {
  /** The cloud's name in clouds.yaml; undefined: OS_* variables. */
  readonly name: string | undefined;
  readonly cloudsFile: string | undefined;
  readonly secureFile: string | undefined;
}

export function cloudSource(
  { name, cloudsFile, secureFile }: CloudChoice,
  variables: Readonly<Record<string, string | undefined>>,
): CloudConfig['source'] {
  if (name === undefined) return { kind: 'environment', variables };
  return {
    kind: 'clouds-file',
    cloud: name,
    file: cloudsFile ?? '/etc/openstack/clouds.yaml',
    ...(secureFile === undefined ? {} : { secureFile }),
  };
}

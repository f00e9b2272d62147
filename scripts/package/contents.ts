export type PackageName = 'lifeboat' | 'lifeboat-monitor' | 'lifeboat-runtime';

/** A package of the distribution; undefined where another one that is needed brings it along. */
export interface Need {
  readonly deb: string | undefined;
  readonly rpm: string | undefined;
}

/** What a package is, in words and in what it needs. Debian and RPM say the same of it in their own forms. */
export interface PackageContents {
  readonly name: PackageName;
  /** `machine`: it holds code of the machine's own, so there is one for each architecture. */
  readonly binding: 'machine' | 'none';
  readonly summary: string;
  /** One paragraph each. */
  readonly description: readonly string[];
  /** Beside the packages of this list; those of the same version. */
  readonly siblings: readonly PackageName[];
  readonly needs: readonly Need[];
}

export const PACKAGES: readonly PackageContents[] = [
  {
    name: 'lifeboat',
    binding: 'none',
    summary: 'instance high availability for OpenStack, for controllers',
    description: [
      'Lifeboat keeps OpenStack instances alive when the compute host under them dies. It lives inside a Pacemaker ' +
        "cluster, takes Pacemaker's word for which host was fenced, and has Nova evacuate the instances.",
      'This package is for the controllers: the engine, its resource agent and its alert agent. Nothing is started by ' +
        'its installation.',
    ],
    siblings: ['lifeboat-runtime'],
    needs: [
      { deb: 'pacemaker', rpm: 'pacemaker' },
      // cibadmin, crm_mon, attrd_updater: only recommended by Debian's pacemaker.
      { deb: 'pacemaker-cli-utils', rpm: 'pacemaker-cli' },
      // Debian holds it for a recommendation, rpmlint for a need of whoever brings a file for it.
      { deb: undefined, rpm: 'logrotate' },
    ],
  },
  {
    name: 'lifeboat-monitor',
    binding: 'none',
    summary: 'instance high availability for OpenStack, for compute hosts',
    description: [
      'Lifeboat keeps OpenStack instances alive when the compute host under them dies.',
      'This package is for the compute hosts: the monitor, which tells of guests and processes that fail, and what keeps ' +
        'nova-compute from starting while its host is being recovered. Nothing is started by its installation, and ' +
        'nova-compute is not changed until you say so.',
    ],
    siblings: ['lifeboat-runtime'],
    needs: [],
  },
  {
    name: 'lifeboat-runtime',
    binding: 'machine',
    summary: 'instance high availability for OpenStack, common files',
    description: [
      'Lifeboat keeps OpenStack instances alive when the compute host under them dies.',
      'This package holds what controllers and compute hosts have in common: the command lifeboat, and the Node.js ' +
        'that all programs of Lifeboat run on, whatever Node.js the machine has.',
    ],
    siblings: [],
    needs: [],
  },
];

/** First row that matches. The monitor's files are known by their name, wherever the build lays them. */
const OWNERS: readonly (readonly [RegExp, PackageName])[] = [
  // pcs and crmsh make the clone on a controller, and want to read its metadata there.
  [/^\/usr\/lib\/ocf\/resource\.d\/lifeboat\/monitor$|\/ocf_lifeboat_monitor\.7\.gz$/, 'lifeboat-runtime'],
  [/lifeboat[-_]monitor|\/lifeboat\/monitor(\.yaml.*)?$|\/monitor(\.yaml|-configuration\.md$)/, 'lifeboat-monitor'],
  [/^\/usr\/lib\/lifeboat\/bin\//, 'lifeboat-runtime'],
  [/^\/usr\/bin\/lifeboat$|\/completions\/lifeboat$|\/_lifeboat$/, 'lifeboat-runtime'],
  [/\/man\/man\d\/lifeboat(\.yaml)?\.\d\.gz$/, 'lifeboat-runtime'],
  [/^\/etc\/lifeboat\/lifeboat\.yaml\.example$/, 'lifeboat-runtime'],
  [/^\/usr\/sbin\/lifeboatd$|^\/usr\/lib\/lifeboat\/may-start-alone$/, 'lifeboat'],
  [/^\/usr\/lib\/ocf\/resource\.d\/|^\/usr\/share\/pacemaker\/alerts\//, 'lifeboat'],
  [/\/lifeboatd(\.service)?$|\/tmpfiles\.d\/lifeboat\.conf$|\/logrotate\.d\/lifeboat$/, 'lifeboat'],
  [/\/man\/man\d\/(lifeboatd|ocf_lifeboat_\w+|alert_lifeboat)\.\d\.gz$/, 'lifeboat'],
  [/^\/usr\/share\/doc\/lifeboat\//, 'lifeboat'],
];

/** Throws Error for a file that no package has: whoever lays it out has to say where it goes. */
export function ownerOf(path: string): PackageName {
  const owner = OWNERS.find(([pattern]) => pattern.test(path))?.[1];
  if (owner === undefined) throw new Error(`no package has ${path}; say which in scripts/package/contents.ts`);
  return owner;
}

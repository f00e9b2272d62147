import { isIPv6 } from 'node:net';
import { z } from 'zod';
import { ABSOLUTE_PATH, count, duration, HOST_NAME, key, NAME } from './keys.ts';

const DATABASE_NAME = z.string().regex(/^\w{1,64}$/);
const DATABASE_HOST = z.string().refine((written) => isIPv6(written) || HOST_NAME.safeParse(written).success, {
  message: 'an address or a host name',
});

export const store = z
  .strictObject({
    kind: key(
      z.enum(['embedded', 'mariadb']).prefault('embedded'),
      'Where the engine keeps what it owes: in a file on each controller (in state_directory), or in a database that all ' +
        'controllers share. With the shared one a second engine can do no harm; see docs/safety.md, S5.',
      'embedded or mariadb',
    ),
    hosts: key(
      z.array(DATABASE_HOST).prefault([]),
      'For mariadb: the servers, tried in turn, beginning with the one that answered last. With Galera its nodes, or a ' +
        'virtual address before them.',
      'a list of addresses or host names',
      '[10.0.0.11, 10.0.0.12, 10.0.0.13]',
    ),
    port: count(1, 65_535, 3_306, 'For mariadb: the port of all of them.'),
    database: key(
      DATABASE_NAME.prefault('lifeboat'),
      'For mariadb: the name of the database. It must exist; the tables are made by the engine.',
      'the name of a database: letters, digits and underscores',
    ),
    user: key(NAME.prefault('lifeboat'), 'For mariadb: the user of the database.', 'the name of a user'),
    password_file: key(
      ABSOLUTE_PATH.optional(),
      'For mariadb: a file with nothing but the password. The group haclient must be able to read it, and nobody else ' +
        'may. Without it: the variable LIFEBOAT_DATABASE_PASSWORD of the daemon’s environment.',
      'an absolute path',
      '/etc/lifeboat/database.password',
    ),
    tls: key(
      z.enum(['off', 'verified', 'unverified']).prefault('off'),
      'For mariadb: verified is TLS with a server whose certificate is checked, its name too; unverified is TLS with ' +
        'anybody who answers. With tls_ca_file, off is verified too.',
      'off, verified or unverified',
    ),
    tls_ca_file: key(
      ABSOLUTE_PATH.optional(),
      'For mariadb: the authorities that the certificates of the servers are checked with. Without it: those that ' +
        'Node.js comes with.',
      'an absolute path',
      '/etc/ssl/certs/ca-certificates.crt',
    ),
    lease_duration: duration(
      5_000,
      300_000,
      '15s',
      'For how long an engine may act after it has last reached the store. Another one waits for so long before it takes ' +
        'over from one that was cut off; one that ended is not waited for on its own controller.',
    ),
    retention: duration(
      86_400_000,
      3_650 * 86_400_000,
      '30d',
      'How long recoveries that are closed, with their moves and notifications, are kept.',
    ),
  })
  .refine((value) => value.kind === 'embedded' || value.hosts.length > 0, {
    path: ['hosts'],
    message: 'at least one server, because kind is mariadb',
  })
  .prefault({});

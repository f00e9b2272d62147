import { LifeboatError } from '../errors.ts';

export interface DatabasePlace {
  readonly host: string;
  readonly port: number;
  readonly database: string;
  readonly user: string;
  readonly password: string;
  /** A file; undefined: no TLS is asked for. */
  readonly caFile: string | undefined;
}

/**
 * Reads SQLAlchemy's address of a MySQL or MariaDB: mysql+pymysql://user:password@host:port/database?ssl_ca=/a/file. Throws
 * CONFIG_INVALID; its message never holds the address, which has the password in it.
 */
export function parseDatabaseUrl(text: string, origin: string): DatabasePlace {
  const wrong = (what: string): never => {
    throw new LifeboatError('CONFIG_INVALID', `${origin}: the connection ${what}`);
  };
  if (!/^(mysql|mariadb)(\+\w+)?:\/\//.test(text)) return wrong('is not one of MySQL or MariaDB');
  // The scheme has a plus sign in it, which makes a URL no special one; the parts are read alike.
  const address = `http://${text.slice(text.indexOf('://') + 3)}`;
  if (!URL.canParse(address)) return wrong('is not well formed');
  const { hostname, password, pathname, port, searchParams, username } = new URL(address);
  const database = decodeURIComponent(pathname.slice(1));
  if (database === '') return wrong('names no database');
  if (username === '') return wrong('names no user');
  return {
    host: hostname.replace(/^\[|\]$/g, ''),
    port: port === '' ? 3_306 : Number(port),
    database,
    user: decodeURIComponent(username),
    password: decodeURIComponent(password),
    caFile: searchParams.get('ssl_ca') ?? undefined,
  };
}

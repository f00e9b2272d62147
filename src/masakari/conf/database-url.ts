import { LifeboatError } from '../../errors.ts';

/** Where Masakari's database is, from `[database] connection`. */
export interface DatabaseUrl {
  readonly host: string;
  readonly port: number;
  readonly database: string;
  readonly user: string;
  readonly password: string;
  /** undefined: no TLS is asked for. */
  readonly caFile: string | undefined;
}

const USUAL_PORT = 3_306;
/** What says how to talk, and nothing of where and to whom. */
const WITHOUT_WEIGHT = ['charset', 'use_unicode', 'plugin', 'mysql_enable_ndb', 'client_flag'];

/**
 * A URL of SQLAlchemy: `mysql+pymysql://user:password@host:port/database?ssl_ca=FILE`, user and password percent-encoded.
 * Throws MASAKARI_CONF_INVALID without anything of the password.
 */
export function parseDatabaseUrl(text: string): DatabaseUrl {
  const [, dialect = '', rest = ''] = /^([\w+]+):\/\/(.*)$/s.exec(text.trim()) ?? refuse('is no URL');
  if (!/^(mysql|mariadb)(\+\w+)?$/.test(dialect))
    refuse(`is of the kind ${dialect}, and only MySQL and MariaDB can be read`);
  const [, login = '', place = '', path = '', query = ''] =
    /^(?:(.*)@)?([^@/?]*)(?:\/([^?]*))?(?:\?(.*))?$/s.exec(rest) ?? refuse('is no URL');
  const colon = login.indexOf(':');
  const user = decoded(colon < 0 ? login : login.slice(0, colon), 'user');
  const password = decoded(colon < 0 ? '' : login.slice(colon + 1), 'password');
  const [, six, four = '', port] =
    /^(?:\[([^\]]+)\]|([^:]*))(?::(\d+))?$/.exec(place) ?? refuse('names no host and port');
  const database = decoded(path, 'database');
  if (user === '') refuse('names no user');
  if (!/^[\w-]+$/.test(database)) refuse('names no database');
  return {
    host: (six ?? four) || 'localhost',
    port: port === undefined ? USUAL_PORT : Number(port),
    database,
    user,
    password,
    caFile: caFileOf(new URLSearchParams(query)),
  };
}

function caFileOf(query: URLSearchParams): string | undefined {
  const caFile = query.get('ssl_ca') ?? undefined;
  for (const name of query.keys()) {
    if (name === 'ssl_ca' || WITHOUT_WEIGHT.includes(name) || /timeout/.test(name)) continue;
    if (caFile !== undefined && ['ssl_verify_cert', 'ssl_verify_identity', 'ssl_check_hostname'].includes(name))
      continue;
    refuse(`has the parameter ${name}, which lifeboat cannot follow; give a copy of the file without it`);
  }
  return caFile;
}

function decoded(text: string, what: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return refuse(`has a ${what} that is not percent-encoded as it must be`);
  }
}

function refuse(problem: string): never {
  throw new LifeboatError('MASAKARI_CONF_INVALID', `[database] connection ${problem}`);
}

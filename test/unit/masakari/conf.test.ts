import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readConf } from '../../../src/masakari/conf/conf.ts';
import { parseDatabaseUrl } from '../../../src/masakari/conf/database-url.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'lifeboat-conf-'));
});
afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

function confOf(text: string) {
  const path = join(folder, 'masakari.conf');
  writeFileSync(path, text);
  return readConf([path], []);
}

describe('masakari.conf', () => {
  it('is read as oslo.config reads it', () => {
    const conf = confOf(
      [
        '# a comment',
        '[DEFAULT]',
        'debug=true',
        'os-region-name : "RegionOne"',
        "a = 'x = y: z'",
        '; another',
        'many = one,',
        '   two',
        'twice = 1',
        'twice = 2',
        'empty =',
        '[host_failure]',
        'evacuate_all_instances = False  ',
      ].join('\n'),
    );
    expect(conf.get('DEFAULT.debug')).toBe('true');
    expect(conf.get('DEFAULT.os_region_name')).toBe('RegionOne');
    expect(conf.get('DEFAULT.a')).toBe('x = y: z');
    expect(conf.get('DEFAULT.many')).toBe('one,\ntwo');
    expect(conf.get('DEFAULT.twice')).toBe('2');
    expect(conf.get('DEFAULT.empty')).toBe('');
    expect(conf.get('host_failure.evacuate_all_instances')).toBe('False');
    expect(conf.get('host_failure.nothing')).toBeUndefined();
  });

  it('refers to other options, and a dollar that is doubled means itself', () => {
    const conf = confOf('[DEFAULT]\nhost = db1\n[database]\nname = m\nconnection = $host/${database.name}/$$x/\\$y\n');
    expect(conf.get('database.connection')).toBe('db1/m/$x/$y');
  });

  it.each([
    ['[DEFAULT]\na = $nowhere\n', 'DEFAULT.a refers to $nowhere, which no file gives'],
    ['[DEFAULT]\na = $b\nb = $a\n', 'refers to itself'],
  ])('says which reference leads nowhere: %j', (text, words) => {
    const conf = confOf(text);
    expect(() => conf.get('DEFAULT.a')).toThrow(words);
  });

  it.each([
    ['[DEFAULT\n', ':1: a section is written [NAME]'],
    ['[database]\nhunter2\n', ':2: neither OPTION = VALUE nor [SECTION]'],
    ['[database]\n= hunter2\n', ':2: there is no option before the sign'],
    ['  hunter2\n', ':1: a line that begins with a blank'],
    ['[a]\nb = 1\n# no\n  hunter2\n', ':4: a line that begins with a blank'],
  ])('names the line of %j, and never what stands there', (text, words) => {
    const error = (() => {
      try {
        return confOf(text);
      } catch (thrown) {
        return thrown;
      }
    })();
    expect(error).toMatchObject({ code: 'MASAKARI_CONF_INVALID' });
    expect(String(error)).toContain(words);
    expect(String(error)).not.toContain('hunter2');
  });

  it('is followed by the folder beside it and those that are named; what comes later wins', () => {
    const path = join(folder, 'masakari.conf');
    writeFileSync(path, '[a]\nx = 1\ny = 1\nz = 1\n');
    for (const [name, text] of [
      ['masakari.conf.d/20.conf', '[a]\ny = 3\n'],
      ['masakari.conf.d/10.conf', '[a]\ny = 2\n'],
      ['masakari.conf.d/30.txt', '[a]\ny = 4\n'],
      ['more/x.conf', '[a]\nz = 5\n'],
    ] as const) {
      mkdirSync(join(folder, name, '..'), { recursive: true });
      writeFileSync(join(folder, name), text);
    }
    const conf = readConf([path], [join(folder, 'more')]);
    expect(['x', 'y', 'z'].map((name) => conf.get(`a.${name}`))).toEqual(['1', '3', '5']);
    expect(conf.files.map((file) => file.slice(folder.length + 1))).toEqual([
      'masakari.conf',
      'masakari.conf.d/10.conf',
      'masakari.conf.d/20.conf',
      'more/x.conf',
    ]);
  });

  it.each([
    ['nowhere.conf', 'there is no such file'],
    ['.', 'it is a folder; name it with --config-dir'],
  ])('that cannot be read is named: %s', (name, words) => {
    expect(() => readConf([join(folder, name)], [])).toThrow(words);
  });

  it('that is no text is named', () => {
    const path = join(folder, 'binary.conf');
    writeFileSync(path, Buffer.from([0xff, 0xfe, 0x41]));
    expect(() => readConf([path], [])).toThrow('it is not UTF-8 text');
  });
});

describe('the URL of a database', () => {
  it.each([
    ['mysql+pymysql://m:s@db1/masakari', { host: 'db1', port: 3306, user: 'm', password: 's', caFile: undefined }],
    ['mysql://m:p%40%2F%3A%25@db1:3307/masakari?charset=utf8', { port: 3307, password: 'p@/:%' }],
    ['mariadb+mysqldb://m:a:b@c@10.0.0.1/masakari', { host: '10.0.0.1', password: 'a:b@c' }],
    ['mysql+pymysql://m:s@[fd00::1]:3306/masakari', { host: 'fd00::1' }],
    ['mysql+pymysql://m:s@db1/masakari?ssl_ca=/etc/ca.pem&ssl_verify_cert=true', { caFile: '/etc/ca.pem' }],
    ['mysql+pymysql://m@/masakari', { host: 'localhost', user: 'm', password: '' }],
  ])('is understood: %s', (url, expected) => {
    expect(parseDatabaseUrl(url)).toMatchObject({ database: 'masakari', ...expected });
  });

  it.each([
    ['sqlite:////var/lib/masakari.db', 'only MySQL and MariaDB'],
    ['masakari', 'is no URL'],
    ['mysql://:hunter2@db1/masakari', 'names no user'],
    ['mysql://m:hunter2@db1', 'names no database'],
    ['mysql://m:hunter2@db1:x/masakari', 'names no host and port'],
    ['mysql://m:hunter2%zz@db1/masakari', 'has a password that is not percent-encoded'],
    ['mysql://m:hunter2@db1/masakari?unix_socket=/run/mysql', 'has the parameter unix_socket'],
    ['mysql://m:hunter2@db1/masakari?ssl_key=/etc/key', 'has the parameter ssl_key'],
  ])('that cannot be followed says why, without the password: %s', (url, words) => {
    const text = (() => {
      try {
        return JSON.stringify(parseDatabaseUrl(url));
      } catch (error) {
        return String(error);
      }
    })();
    expect(text).toContain(words);
    expect(text).not.toContain('hunter2');
  });
});

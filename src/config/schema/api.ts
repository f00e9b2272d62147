import { isIPv4, isIPv6 } from 'node:net';
import { z } from 'zod';
import { ABSOLUTE_PATH, count, duration, HOST_NAME, key } from './keys.ts';

/** 10.0.0.11, ctl1, 10.0.0.11:15868, ::1, [::1]:15868. Undefined when it is none of these. */
function parseListen(written: string): { readonly address: string; readonly port: number | undefined } | undefined {
  if (isIPv6(written)) return { address: written, port: undefined };
  const [, bracketed, plain, digits] = /^(?:\[([^\]]+)\]|([^:[\]]+))(?::(\d{1,5}))?$/.exec(written) ?? [];
  const address = bracketed ?? plain ?? '';
  const port = digits === undefined ? undefined : Number(digits);
  const isGood = bracketed === undefined ? HOST_NAME.safeParse(address).success : isIPv6(bracketed);
  return isGood && (port === undefined || (port >= 1 && port <= 65_535)) ? { address, port } : undefined;
}

const LISTEN = z.string().transform((written, context) => {
  const place = parseListen(written);
  if (place !== undefined) return place;
  context.addIssue({ code: 'custom', message: 'an address, or an address and a port' });
  return z.NEVER;
});

const LINK_PREFIX = z.string().regex(/^https?:\/\/[^\s?#]+[^\s?#/]$/);
const ORIGIN = z.string().regex(/^(\*|https?:\/\/[^\s/?#]+)$/);
const PROXY = z.string().regex(/^[0-9A-Fa-f.:]+(\/\d{1,3})?$/);

/** 10.0.0.20, 10.0.0.0/24, fd00::/8. */
const NETWORK = z.string().refine((written) => {
  const [address = '', prefix, ...more] = written.split('/');
  const bits = isIPv4(address) ? 32 : isIPv6(address) ? 128 : -1;
  const isPrefix = prefix === undefined || (/^\d{1,3}$/.test(prefix) && Number(prefix) <= bits);
  return bits > 0 && isPrefix && more.length === 0;
}, 'an address or a network');

function isLoopback(address: string): boolean {
  return address === '::1' || address === 'localhost' || (isIPv4(address) && address.startsWith('127.'));
}

export const api = z
  .strictObject({
    listen: key(
      z.array(LISTEN).prefault(['127.0.0.1']),
      'Where the engine answers HTTP. The gates of the compute hosts ask it, so it must be an address of this ' +
        'controller in the management network, or 0.0.0.0. They come without a password: it must not be reached from ' +
        'where users are. [] is no API at all.',
      'a list of addresses, each with or without a port',
      '[127.0.0.1, 10.0.0.11]',
    ),
    port: count(1, 65_535, 15_868, 'The port of the addresses in api.listen that name none.'),
    tls_cert: key(
      ABSOLUTE_PATH.optional(),
      'The certificate (with what leads to its authority) that makes it HTTPS. Together with api.tls_key.',
      'an absolute path',
      '/etc/lifeboat/api.crt',
    ),
    tls_key: key(
      ABSOLUTE_PATH.optional(),
      'The key of api.tls_cert. The group haclient must be able to read it, and nobody else should.',
      'an absolute path',
      '/etc/lifeboat/api.key',
    ),
    auth: key(
      z.enum(['keystone', 'noauth']).prefault('keystone'),
      'Who may use what is Masakari’s of it, and our own: whom Keystone knows and the policy allows, or whoever asks. ' +
        'noauth is for trying things out, and only on loopback addresses.',
      'keystone or noauth',
    ),
    policy_file: key(
      ABSOLUTE_PATH.optional(),
      'Rules in the style of oslo.policy, with Masakari’s names, that replace the built-in ones. Read again when it ' +
        'changes. A change that cannot be read leaves the former in force.',
      'an absolute path',
      '/etc/lifeboat/policy.yaml',
    ),
    host_keys_file: key(
      ABSOLUTE_PATH.optional(),
      'By which keys the monitors of compute hosts are known that have no user of Keystone: a line for each, as ' +
        'lifeboat-monitor make-key prints it there. Who has a key may report failures of its host, and nothing else. Read ' +
        'again when it changes.',
      'an absolute path',
      '/etc/lifeboat/host-keys',
    ),
    token_cache: duration(
      0,
      3_600_000,
      '5m',
      'How long Keystone’s word on a token is believed, at the most until the token ends. One that is revoked works no ' +
        'longer than this.',
    ),
    max_limit: count(1, 100_000, 1_000, 'How many rows a list has at the most.'),
    link_prefix: key(
      LINK_PREFIX.optional(),
      'What stands before the paths of links in answers, when a proxy shows the API elsewhere. Left out: the address ' +
        'that the client asked.',
      'an address that begins with http:// or https://, without a slash at its end',
      'https://cloud.example.com/instance-ha',
    ),
    trusted_proxies: key(
      z.array(PROXY).prefault([]),
      'Proxies whose X-Forwarded-For, -Proto and -Host are believed.',
      'a list of addresses and networks',
      '[10.0.0.0/24]',
    ),
    cors_origins: key(
      z.array(ORIGIN).prefault([]),
      'Web pages of these origins may ask it with a user’s token. [] allows none.',
      'a list of origins, or ["*"]',
      '[https://dashboard.example.com]',
    ),
    drain_file: key(
      ABSOLUTE_PATH.prefault('/etc/lifeboat/healthcheck_disable'),
      'While this file exists, GET /healthcheck answers 503, so that a load balancer leaves this controller alone.',
      'an absolute path',
    ),
    metrics_open_to: key(
      z.array(NETWORK).prefault(['127.0.0.0/8', '::1']),
      'Who may read GET /metrics without a token: the addresses and networks of Prometheus. Everybody else needs a token ' +
        'to which the policy allows lifeboat_api:metrics; with [] nobody may without one. What a proxy hands on is never ' +
        'taken as coming from the proxy: api.trusted_proxies must name it, and its client’s address is looked up here.',
      'a list of addresses and networks',
      '[127.0.0.0/8, 10.0.0.20]',
    ),
    rate_limit: count(
      0,
      100_000,
      500,
      'Requests each second from one address, before it is asked to wait; the gates’ do not count. 0: any number.',
    ),
  })
  .refine((value) => value.auth !== 'noauth' || value.listen.every(({ address }) => isLoopback(address)), {
    path: ['auth'],
    message: 'noauth only where every address of api.listen is a loopback address',
  })
  .refine((value) => (value.tls_cert === undefined) === (value.tls_key === undefined), {
    path: ['tls_key'],
    message: 'both tls_cert and tls_key, or none of them',
  })
  .prefault({});

import { isIPv6 } from 'node:net';
import { z } from 'zod';
import { ABSOLUTE_PATH, count, HOST_NAME, key } from './keys.ts';

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

export const api = z
  .strictObject({
    listen: key(
      z.array(LISTEN).prefault(['127.0.0.1']),
      'Where the engine answers HTTP. The gates of the compute hosts ask it, so it must be an address of this ' +
        'controller in the management network, or 0.0.0.0. It takes no password: it must not be reached from where ' +
        'users are. [] is no API at all.',
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
  })
  .refine((value) => (value.tls_cert === undefined) === (value.tls_key === undefined), {
    path: ['tls_key'],
    message: 'both tls_cert and tls_key, or none of them',
  })
  .prefault({});

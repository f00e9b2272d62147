import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { runCommand } from '../../cluster/lab/host-command.ts';
import { cacheFolder } from '../../cluster/lab/packages.ts';
import { unavailable } from '../../cluster/lab/requirements.ts';
import { ensureGuestPackages } from './packages.ts';

/** What a guest boots from: files on this machine. */
export interface GuestImage {
  readonly kernel: string;
  readonly initrd: string;
}

const SCRIPT = join(import.meta.dirname, 'initrd.sh');

/** Made once and kept in the cache, until a package or the script that makes it changes. */
export async function ensureGuestImage(cache: string = cacheFolder()): Promise<GuestImage> {
  const { kernel, agent } = await ensureGuestPackages();
  const mark = createHash('sha256')
    .update([readFileSync(SCRIPT, 'utf8'), kernel, agent].join('\n'))
    .digest('hex')
    .slice(0, 16);
  const initrd = join(cache, `guest-${mark}.initrd`);
  if (!existsSync(initrd)) {
    mkdirSync(cache, { recursive: true });
    await runCommand([SCRIPT, kernel, agent, initrd], { timeoutMs: 120_000 });
  }
  const name = readdirSync(join(kernel, 'boot')).find((file) => file.startsWith('vmlinuz-'));
  if (name === undefined) throw unavailable(`${kernel} holds no kernel`);
  return { kernel: join(kernel, 'boot', name), initrd };
}

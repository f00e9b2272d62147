import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import type { Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { dialLibvirt } from '../../../src/compute/libvirt/dial.ts';
import type { Access } from '../../../src/compute/libvirt/session.ts';
import { systemClock } from '../../../src/edge/clock.ts';

describe('where libvirt is looked for', () => {
  let folder: string;
  const servers: Server[] = [];
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'lifeboat-dial-'));
  });
  afterEach(() => {
    for (const server of servers.splice(0)) server.close();
    rmSync(folder, { recursive: true, force: true });
  });
  const listen = async (name: string): Promise<void> => {
    const server = createServer((socket) => socket.end(name));
    servers.push(server);
    server.listen(join(folder, name));
    await once(server, 'listening');
  };
  /** Which of them has answered. */
  const reached = async (access: Access): Promise<string> => {
    const stream = await dialLibvirt({ clock: systemClock, folder, timeoutMs: 1_000 })(access);
    const [chunk] = (await once(stream, 'data')) as [Buffer];
    stream.destroy();
    return String(chunk);
  };

  it('is at the socket for QEMU alone first, and at one for reading when that is enough', async () => {
    for (const name of ['virtqemud-sock', 'virtqemud-sock-ro', 'libvirt-sock', 'libvirt-sock-ro']) await listen(name);
    expect([await reached('read'), await reached('write')]).toEqual(['virtqemud-sock-ro', 'virtqemud-sock']);
  });

  it('is at the other one where nobody listens at the first', async () => {
    writeFileSync(join(folder, 'virtqemud-sock-ro'), '');
    await listen('libvirt-sock-ro');
    expect(await reached('read')).toBe('libvirt-sock-ro');
  });

  it('is nowhere, and both places are named', async () => {
    const failed = dialLibvirt({ clock: systemClock, folder, timeoutMs: 1_000 })('read');
    await expect(failed).rejects.toMatchObject({
      code: 'LIBVIRT_UNREACHABLE',
      message: `${folder}/virtqemud-sock-ro: ENOENT; ${folder}/libvirt-sock-ro: ENOENT`,
    });
  });
});

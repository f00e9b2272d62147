import { createServer, type Server } from 'node:net';
import { join } from 'node:path';
import type { FakeLibvirtd } from './fake-libvirtd.ts';

const SOCKETS = [
  ['libvirt-sock', 'write'],
  ['libvirt-sock-ro', 'read'],
] as const;

/** Lets other processes reach the fake, by the sockets of a libvirtd in this folder. */
export async function serveFake(fake: FakeLibvirtd, folder: string): Promise<{ close(): void }> {
  const servers: readonly Server[] = SOCKETS.map(([, access]) =>
    createServer((socket) => {
      void fake.dial(access).then((stream) => {
        socket.pipe(stream).pipe(socket);
        socket.on('error', () => stream.destroy());
        stream.on('error', () => socket.destroy());
      });
    }),
  );
  await Promise.all(
    servers.map(
      (server, index) =>
        new Promise<void>((resolve) => {
          server.listen(join(folder, SOCKETS[index]?.[0] ?? ''), resolve);
        }),
    ),
  );
  return {
    close: () => {
      for (const server of servers) server.close();
    },
  };
}

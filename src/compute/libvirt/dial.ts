import { connect } from 'node:net';
import type { Duplex } from 'node:stream';
import { LifeboatError } from '../../errors.ts';
import type { Clock } from '../../ports.ts';
import type { Access, Dial } from './session.ts';

/** Where libvirt listens: the daemon for QEMU alone, as newer hosts have it, before the one for everything. */
const NAMES = ['virtqemud-sock', 'libvirt-sock'];

export interface DialOptions {
  readonly clock: Clock;
  /** `/run/libvirt` on a host; elsewhere in tests. */
  readonly folder: string;
  readonly timeoutMs: number;
}

/**
 * Connects to the first socket behind which somebody listens. Both exist where systemd holds them; a socket nobody
 * answers at is passed over. Rejects with LifeboatError LIBVIRT_UNREACHABLE or LIBVIRT_NO_PERMISSION.
 */
export function dialLibvirt({ clock, folder, timeoutMs }: DialOptions): Dial {
  return async (access) => {
    const failures: LifeboatError[] = [];
    for (const name of NAMES) {
      try {
        return await connectTo(`${folder}/${name}${suffix(access)}`, clock, timeoutMs);
      } catch (error) {
        if (!(error instanceof LifeboatError)) throw error;
        failures.push(error);
      }
    }
    const denied = failures.find(({ code }) => code === 'LIBVIRT_NO_PERMISSION');
    if (denied !== undefined) throw denied;
    throw new LifeboatError('LIBVIRT_UNREACHABLE', failures.map(({ message }) => message).join('; '));
  };
}

function suffix(access: Access): string {
  return access === 'read' ? '-ro' : '';
}

function connectTo(path: string, clock: Clock, timeoutMs: number): Promise<Duplex> {
  return new Promise((resolve, reject) => {
    const socket = connect(path);
    const cancel = clock.schedule(timeoutMs, () => {
      socket.destroy();
      reject(new LifeboatError('LIBVIRT_UNREACHABLE', `${path} takes no connection in ${timeoutMs} ms`));
    });
    socket.once('connect', () => {
      cancel();
      socket.removeAllListeners('error');
      resolve(socket);
    });
    socket.once('error', (cause: NodeJS.ErrnoException) => {
      cancel();
      const isDenied = cause.code === 'EACCES' || cause.code === 'EPERM';
      const code = isDenied ? 'LIBVIRT_NO_PERMISSION' : 'LIBVIRT_UNREACHABLE';
      reject(new LifeboatError(code, `${path}: ${cause.code ?? cause.message}`, { cause }));
    });
  });
}

import { spawn } from 'node:child_process';

/**
 * Tells the systemd that has started this process (Type=notify) what it waits for. By its own little program, for Node has
 * no datagrams on unix sockets. Without systemd nothing is done.
 */
export function tellSystemd(message: 'READY=1', environment: Readonly<Record<string, string | undefined>>): void {
  const { NOTIFY_SOCKET, PATH } = environment;
  if (NOTIFY_SOCKET === undefined) return;
  const env = { NOTIFY_SOCKET, PATH: PATH ?? '/usr/bin:/bin' };
  const child = spawn('systemd-notify', [`--pid=${process.pid}`, message], { env, stdio: 'ignore' });
  // systemd then ends the unit for not being ready in time, and says so.
  child.on('error', () => undefined);
}

import { spawn } from 'node:child_process';

/** What systemd is told of a service of Type=notify. */
export type ServiceState = 'ready';

/**
 * Tells systemd that this process serves, when systemd started it with Type=notify; does nothing else. Node has no
 * datagram sockets in the file system, so systemd's own command says it (the unit has NotifyAccess=all for that). It is
 * not waited for: a message that is lost lets systemd end the start by its time limit and say so.
 */
export function tellServiceState(
  state: ServiceState,
  environment: Readonly<Record<string, string | undefined>>,
  onFailure: (reason: string) => void,
): void {
  const socket = environment.NOTIFY_SOCKET;
  if (socket === undefined || socket === '') return;
  const child = spawn('systemd-notify', [`--${state}`], {
    env: { NOTIFY_SOCKET: socket, PATH: environment.PATH ?? '/usr/bin:/bin' },
    stdio: 'ignore',
  });
  child.once('error', (error) => {
    onFailure(error.message);
  });
  child.once('exit', (code) => {
    if (code !== 0) onFailure(`systemd-notify ended with ${code ?? 'a signal'}`);
  });
}

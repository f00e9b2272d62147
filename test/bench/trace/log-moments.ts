/** What the logs of Pacemaker and of the daemon say of one fencing and its recovery, in milliseconds since the epoch. */
export interface LogMoments {
  /** pacemaker-fenced on the engine's node knows that the fencing succeeded. */
  readonly confirmedAtMs: number | undefined;
  /** Pacemaker starts the first alert agent after that, on the engine's node. */
  readonly alertedAtMs: number | undefined;
  /** The bridge's decision. */
  readonly provenAtMs: number | undefined;
  /** Notification and recovery are on disk. */
  readonly storedAtMs: number | undefined;
  /** Nova took the force-down, and the instances are known. */
  readonly forcedDownAtMs: number | undefined;
  /** The first evacuate call is about to go out. */
  readonly sendingAtMs: number | undefined;
}

export function logMoments(pacemakerLog: string, daemonLog: string, host: string, notBeforeMs: number): LogMoments {
  const pacemaker = pacemakerLog.split('\n').map((text) => ({ text, atMs: pacemakerTime(text, notBeforeMs) }));
  const after = (limitMs: number, pattern: RegExp): number | undefined =>
    pacemaker.find(({ text, atMs }) => atMs !== undefined && atMs >= limitMs && pattern.test(text))?.atMs;
  const daemon = daemonLog.split('\n').flatMap((text) => daemonLine(text, host, notBeforeMs));
  const said = (pattern: RegExp): number | undefined => daemon.find(({ message }) => pattern.test(message))?.atMs;

  const confirmedAtMs = after(notBeforeMs, new RegExp(`\\(finalize_op\\).* targeting ${host} .*: OK`));
  return {
    confirmedAtMs,
    alertedAtMs: confirmedAtMs && after(confirmedAtMs, /Executing alert/),
    provenAtMs: said(/ is proven down: /),
    storedAtMs: said(/: recovery begins$/),
    forcedDownAtMs: said(/: isolating → evacuating/),
    sendingAtMs: said(/: sending$/),
  };
}

/** `Nov 22 21:02:38.463 ctl1 …`: local time, without the year, which is that of `nearMs`. */
export function pacemakerTime(text: string, nearMs: number): number | undefined {
  const stamp = /^(\w{3} \d{2}) (\d\d:\d\d:\d\d\.\d{3}) /.exec(text);
  if (stamp === null) return undefined;
  return Date.parse(`${stamp[1]} ${new Date(nearMs).getFullYear()} ${stamp[2]}`);
}

function daemonLine(
  text: string,
  host: string,
  notBeforeMs: number,
): readonly { readonly atMs: number; readonly message: string }[] {
  if (!text.startsWith('{')) return [];
  const { time = '', message = '', ...fields } = JSON.parse(text) as { time?: string; message?: string; host?: string };
  const about = fields.host === host || message.startsWith(`${host} `) || message.startsWith(`${host}:`);
  return about && Date.parse(time) >= notBeforeMs ? [{ atMs: Date.parse(time), message }] : [];
}

import type { MonitorStatus } from '../status.ts';

/** What an operator reads: what is to be seen to first. */
export function statusText(status: MonitorStatus): string {
  const { aside, concerns, delivery, host, version, waiting, watches } = status;
  const lines = [`${host}: ${status.summary} (lifeboat-monitor ${version})`];
  for (const concern of concerns) lines.push(`! ${concern}`);
  for (const { kind, name, sentence, sinceMs } of watches)
    lines.push(`${name}: ${kind} since ${stamp(sinceMs)}: ${sentence}`);
  if (delivery.kind === 'trouble') {
    lines.push(`${waiting} wait since ${stamp(delivery.sinceMs)}: ${delivery.said}`, `  do: ${delivery.remedy}`);
  }
  for (const { atMs, reason, what } of aside) lines.push(`not taken, ${stamp(atMs)}: ${what}: ${reason}`);
  if (aside.length > 0) lines.push('  do: lifeboat-monitor retry, when it is mended; or lifeboat-monitor forget');
  return `${lines.join('\n')}\n`;
}

function stamp(atMs: number): string {
  return `${new Date(atMs).toISOString().slice(0, 19)}Z`;
}

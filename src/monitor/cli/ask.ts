import { exchange } from '../../control/exchange.ts';
import { LifeboatError } from '../../errors.ts';
import type { MonitorOp } from '../control.ts';

const PATIENCE_MS = 5_000;

/** What the monitor of this host answers. Throws MONITOR_UNREACHABLE with why. */
export async function askMonitor(socket: string, op: MonitorOp): Promise<unknown> {
  const answer = await exchange(socket, JSON.stringify({ op }), PATIENCE_MS);
  switch (answer.outcome) {
    case 'answered':
      return resultOf(answer.line, socket);
    case 'absent':
      throw unreachable(`nobody serves ${socket}`);
    case 'forbidden':
      throw unreachable(`this user may not open ${socket}`);
    case 'silent':
      throw unreachable(`the monitor at ${socket} does not answer`);
    case 'broken':
      throw unreachable(`the monitor at ${socket} gave no answer: ${answer.reason}`);
  }
}

function resultOf(line: string, socket: string): unknown {
  const response = JSON.parse(line) as { readonly ok?: unknown; readonly result?: unknown; readonly error?: unknown };
  if (response.ok === true) return response.result;
  const { message } = (response.error ?? {}) as { readonly message?: unknown };
  throw unreachable(`the monitor at ${socket} answers: ${String(message)}`);
}

function unreachable(message: string): LifeboatError {
  return new LifeboatError('MONITOR_UNREACHABLE', message);
}

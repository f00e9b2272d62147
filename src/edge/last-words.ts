import { writeSync } from 'node:fs';

const DEFECT = 70;

/**
 * An error that nobody caught ends the process with 70, whatever state it is in. Its line has the form of the log's, but
 * goes past the logger to standard error, which the resource agent puts into the same file: the logger may be what
 * failed.
 */
export function leaveOnDefect(): void {
  process.on('uncaughtException', leave);
  process.on('unhandledRejection', leave);
}

function leave(reason: unknown): never {
  const { message, stack } = reason instanceof Error ? reason : { message: String(reason), stack: undefined };
  const time = new Date().toISOString();
  sayLast(`${JSON.stringify({ level: 'error', time, stack, message: `stopped by a defect: ${message}` })}\n`);
  process.exit(DEFECT);
}

/** On standard error, if it takes it. */
export function sayLast(text: string): void {
  try {
    writeSync(2, text);
  } catch {
    // Nobody is left to tell.
  }
}

import { pino, type DestinationStream } from 'pino';
import type { LogLevel } from '../config/config.ts';
import type { Logger } from '../ports.ts';
import { lineWriter } from './line-writer.ts';

/** Keys whose value never reaches a log, wherever they stand in the fields of a line (up to three levels deep). */
const SECRET_KEYS = [
  'password',
  'token',
  'secret',
  'application_credential_secret',
  'applicationCredentialSecret',
  'authorization',
  'Authorization',
  'x-auth-token',
  'X-Auth-Token',
  'x-subject-token',
  'X-Subject-Token',
];

/**
 * Logs one JSON object a line: time (ISO 8601, UTC), level by name, the fields, and `message`. Written synchronously:
 * after a crash the last line before it is the one that matters. What the destination does not take is dropped.
 */
export function createLogger(level: LogLevel, destination: DestinationStream = lineWriter(1)): Logger {
  return pino(
    {
      level,
      base: null,
      messageKey: 'message',
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
      redact: {
        paths: ['', '*', '*.*'].flatMap((depth) => SECRET_KEYS.map((key) => below(depth, key))),
        censor: '***',
      },
    },
    destination,
  );
}

function below(depth: string, key: string): string {
  return `${depth}["${key}"]`;
}

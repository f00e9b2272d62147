import type { Logger, LogFields } from '../../src/ports.ts';

export interface RecordingLogger extends Logger {
  readonly lines: readonly string[];
}

/** Keeps what was said, so that a test can ask for it; prints nothing. */
export function recordingLogger(): RecordingLogger {
  const lines: string[] = [];
  const say =
    (level: string) =>
    (_fields: LogFields, message: string): void => {
      lines.push(`${level}: ${message}`);
    };
  return { lines, debug: say('debug'), info: say('info'), warn: say('warn'), error: say('error') };
}

import { Writable } from 'node:stream';
import { describe, expect, it } from 'vitest';
import type { LogLevel } from '../../../src/config/config.ts';
import { createLogger } from '../../../src/edge/log.ts';
import type { LogFields } from '../../../src/ports.ts';

function logged(fields: LogFields, level: LogLevel = 'info'): string {
  let text = '';
  const sink = new Writable({
    write(chunk: Buffer, _encoding, done) {
      text += chunk.toString();
      done();
    },
  });
  const logger = createLogger(level, sink);
  logger.debug({}, 'too small');
  logger.info(fields, 'cmp1 is lost');
  return text;
}

describe('the log', () => {
  it('is one JSON object a line, with time, level, fields and message', () => {
    const lines = logged({ host: 'cmp1' }).trimEnd().split('\n');
    expect(lines).toHaveLength(1);
    const line = JSON.parse(lines[0] ?? '') as Record<string, unknown>;
    expect(line).toEqual({ level: 'info', time: line.time, host: 'cmp1', message: 'cmp1 is lost' });
    expect(line.time).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
  });

  it('never shows the value of a key that holds a secret, at any depth that we log', () => {
    const text = logged({
      password: 'hunter2',
      headers: { 'X-Auth-Token': 'hunter2', authorization: 'hunter2' },
      request: { headers: { 'x-auth-token': 'hunter2' } },
      auth: { applicationCredentialSecret: 'hunter2' },
    });
    expect(text).not.toContain('hunter2');
    expect(text).toContain('***');
  });

  it('leaves out what is below its level', () => {
    expect(logged({}, 'error')).toBe('');
    expect(logged({}, 'debug').split('\n')).toHaveLength(3);
  });
});

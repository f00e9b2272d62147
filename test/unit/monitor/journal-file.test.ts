import { appendFileSync, mkdtempSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openJournalFile } from '../../../src/monitor/spool/journal-file.ts';

let folder: string;
let path: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'lifeboat-journal-'));
  path = join(folder, 'spool', 'journal');
});
afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

describe('the file of the spool', () => {
  it('is made with its folder, and is for its owner only', () => {
    openJournalFile(path).close();
    expect(statSync(path).mode & 0o777).toBe(0o600);
    expect(statSync(join(folder, 'spool')).mode & 0o777).toBe(0o700);
  });

  it('cuts off a line that was torn, and what is added then stands whole', () => {
    const file = openJournalFile(path);
    file.append('one\n');
    file.close();
    appendFileSync(path, 'tw');
    const next = openJournalFile(path);
    expect(next.read()).toBe('one\n');
    next.append('three\n');
    next.close();
    expect(readFileSync(path, 'utf8')).toBe('one\nthree\n');
  });

  it('is replaced as a whole, grows on, and what a killed replacement left is swept away', () => {
    const file = openJournalFile(path);
    file.append('one\ntwo\n');
    file.replace('two\n');
    file.append('three\n');
    expect(file.read()).toBe('two\nthree\n');
    file.close();
    writeFileSync(`${path}.new`, 'half of');
    const next = openJournalFile(path);
    expect(next.read()).toBe('two\nthree\n');
    next.close();
    expect(() => statSync(`${path}.new`)).toThrow('ENOENT');
  });

  it('takes text of any alphabet to the byte', () => {
    const file = openJournalFile(path);
    file.append('ä€\n');
    file.append('y\n');
    file.close();
    expect(openJournalFile(path).read()).toBe('ä€\ny\n');
  });

  it('says which file cannot be used, and why', () => {
    writeFileSync(join(folder, 'spool'), '');
    expect(() => openJournalFile(path)).toThrow(expect.objectContaining({ code: 'SPOOL_UNUSABLE' }) as Error);
  });

  it('is not written through a link that somebody has put there', () => {
    openJournalFile(path).close();
    rmSync(path);
    symlinkSync(join(folder, 'elsewhere'), path);
    expect(() => openJournalFile(path)).toThrow('ELOOP');
  });
});

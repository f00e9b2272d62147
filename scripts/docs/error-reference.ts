import { ERRORS } from '../../src/errors.ts';

/** One heading for each kind of error; the kind is the code's first word. */
const KINDS = [
  { prefix: 'CRM_', title: "Pacemaker's commands" },
  { prefix: 'CLOUD_', title: 'Keystone and Nova' },
  { prefix: '', title: 'Lifeboat itself' },
] as const;

const INTRO = `# Errors

Every error that is foreseen has a code. It stands in brackets behind the message, in the log and on the terminal. A code
keeps its meaning for ever. The message says what happened and to what; this table says what you
can do about it.`;

/** The page on every error code, in Markdown. */
export function errorReference(): string {
  const left = new Map<string, string>(Object.entries(ERRORS));
  const sections = KINDS.map(({ prefix, title }) => {
    const rows = [...left].filter(([code]) => code.startsWith(prefix));
    for (const [code] of rows) left.delete(code);
    const lines = rows.map(([code, hint]) => `| \`${code}\` | ${hint.replaceAll('|', '\\|')} |`);
    return [`## ${title}`, '', '| code | what to do |', '| --- | --- |', ...lines].join('\n');
  });
  return `${[INTRO, ...sections].join('\n\n')}\n`;
}

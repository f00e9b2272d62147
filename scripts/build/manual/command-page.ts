import { item, paragraph, section, type ManualPage, type ManualPart } from './roff.ts';
import type { Usage } from '../commands/usage.ts';

/** The page of a command, from its usage; `more` follows. */
export function commandPage(usage: Usage, version: string, more: readonly ManualPart[]): ManualPage {
  const { program, summary, commands, shared, closing } = usage;
  return {
    name: program,
    section: 8,
    summary,
    version,
    parts: [
      section('Synopsis'),
      paragraph(`\`${program}\` COMMAND [WORDS]`),
      section('Commands'),
      ...commands.map(({ synopsis, text }) => item(`${program} ${synopsis}`, capital(text))),
      section('Options'),
      ...shared.map(({ synopsis, text }) => item(synopsis, capital(text))),
      section('Exit status'),
      paragraph(capital(closing.replace(/^Exit codes: /, ''))),
      ...more,
    ],
  };
}

function capital(text: string): string {
  if (text === '') return '';
  const sentence = text.charAt(0).toUpperCase() + text.slice(1);
  return /[.!?]$/.test(sentence) ? sentence : `${sentence}.`;
}

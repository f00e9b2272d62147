/** One manual page, of the parts that ours need. */
export interface ManualPage {
  readonly name: string;
  readonly section: 5 | 7 | 8;
  /** What the line of NAME says after the dash. */
  readonly summary: string;
  readonly version: string;
  readonly parts: readonly ManualPart[];
}

export type ManualPart =
  | { readonly kind: 'section'; readonly title: string }
  | { readonly kind: 'subsection'; readonly title: string }
  | { readonly kind: 'paragraph'; readonly text: string }
  /** A term, bold, and what it means, indented below. */
  | { readonly kind: 'item'; readonly term: string; readonly text: string }
  /** Shown as it is. */
  | { readonly kind: 'verbatim'; readonly text: string };

/**
 * The page in roff, with the macros of man(7). `code` between backticks becomes bold. It carries no date, so that the same
 * sources make the same bytes.
 */
export function roff({ name, section, summary, version, parts }: ManualPage): string {
  const lines = [
    `.TH ${name.toUpperCase()} ${section} "" "Lifeboat ${version}" "Lifeboat"`,
    // Nobody wants a URL or a command broken at a hyphen that he did not write.
    '.nh',
    '.ad l',
    '.SH NAME',
    `${plain(name)} \\- ${plain(summary)}`,
    ...parts.flatMap(partLines),
  ];
  return `${lines.join('\n')}\n`;
}

export const section = (title: string): ManualPart => ({ kind: 'section', title });
export const subsection = (title: string): ManualPart => ({ kind: 'subsection', title });
export const paragraph = (text: string): ManualPart => ({ kind: 'paragraph', text });
export const item = (term: string, text: string): ManualPart => ({ kind: 'item', term, text });
export const verbatim = (text: string): ManualPart => ({ kind: 'verbatim', text });

function partLines(part: ManualPart): readonly string[] {
  switch (part.kind) {
    case 'section':
      return [`.SH ${plain(part.title.toUpperCase())}`];
    case 'subsection':
      return [`.SS ${plain(part.title)}`];
    case 'paragraph':
      return ['.PP', inline(part.text)];
    case 'item':
      return ['.TP', `\\fB${plain(part.term)}\\fR`, inline(part.text === '' ? ' ' : part.text)];
    case 'verbatim':
      return ['.PP', '.RS 4', '.nf', ...part.text.trimEnd().split('\n').map(plain), '.fi', '.RE'];
  }
}

function inline(text: string): string {
  const joined = text.trim() === '' ? '\\&' : plain(text.replaceAll(/\s*\n\s*/g, ' ').trim());
  return joined.replaceAll(/`([^`]+)`/g, '\\fB$1\\fR');
}

/** A line that begins with a dot or an apostrophe would be a request. */
function plain(text: string): string {
  return text
    .replaceAll('\\', '\\e')
    .replaceAll('-', '\\-')
    .replace(/^(?=[.'])/, '\\&');
}

/** Where the demo speaks. Plain text that reads well in a file; colours only on a terminal. */
export interface Screen {
  heading(text: string): void;
  line(text?: string): void;
  /** Something quoted: a command's output, a file. */
  block(text: string): void;
  /** One event of the story, with the seconds since `startedAtMs` in front. */
  event(atMs: number, text: string, mood?: Mood): void;
  /** From now on events show their distance from this moment. */
  startClock(startedAtMs: number): void;
}

export type Mood = 'plain' | 'bad' | 'good';

const BOLD = '1';
const DIM = '2';
const COLOURS: Readonly<Record<Mood, string>> = { plain: '0', bad: '31', good: '32' };

export interface Terminal {
  readonly write: (text: string) => void;
  readonly colours: boolean;
}

export function createScreen({ write, colours }: Terminal): Screen {
  let startedAtMs: number | undefined;
  const paint = (code: string, text: string): string => (colours ? `\u001b[${code}m${text}\u001b[0m` : text);
  const line = (text = ''): void => {
    write(`${text}\n`);
  };
  return {
    line,
    heading: (text) => {
      line();
      line(paint(BOLD, `== ${text}`));
    },
    block: (text) => {
      for (const each of text.trimEnd().split('\n')) line(`    ${paint(DIM, each)}`.trimEnd());
    },
    event: (atMs, text, mood = 'plain') => {
      const since = startedAtMs === undefined ? '' : sinceText(atMs - startedAtMs);
      line(`${since}  ${paint(COLOURS[mood], text)}`);
    },
    startClock: (atMs) => {
      startedAtMs = atMs;
    },
  };
}

/** `+  7.312 s`: the columns stay in line up to 999 s. */
export function sinceText(elapsedMs: number): string {
  return `+${(elapsedMs / 1000).toFixed(3).padStart(8)} s`;
}

/** Nothing that a client means is nested deeper; 50,000 brackets, which are few bytes, would be too deep to go into. */
const DEEPEST = 16;

/** A JSON value as Python's repr() shows it: clients and tests of Masakari know its messages in this form. */
export function repr(value: unknown, depth = 0): string {
  if (value === null || value === undefined) return 'None';
  if (value === true) return 'True';
  if (value === false) return 'False';
  if (typeof value === 'number') return String(value);
  if (typeof value === 'string') return quoted(value);
  if (depth >= DEEPEST) return Array.isArray(value) ? '[...]' : '{...}';
  if (Array.isArray(value)) return `[${value.map((each) => repr(each, depth + 1)).join(', ')}]`;
  const entries = Object.entries(value).map(([key, each]) => `${quoted(key)}: ${repr(each, depth + 1)}`);
  return `{${entries.join(', ')}}`;
}

/** As str() shows it: a text stands for itself. */
export function str(value: unknown): string {
  return typeof value === 'string' ? value : repr(value);
}

function quoted(text: string): string {
  const quote = text.includes("'") && !text.includes('"') ? '"' : "'";
  const escaped = text
    .replaceAll('\\', '\\\\')
    .replaceAll(quote, `\\${quote}`)
    .replaceAll('\n', '\\n')
    .replaceAll('\r', '\\r')
    .replaceAll('\t', '\\t');
  return `${quote}${escaped}${quote}`;
}

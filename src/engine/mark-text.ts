// How what we write into a service's disabled_reason is laid out: a sentence for the operator, then facts for an engine.

const PREFIX = 'lifeboat: ';
/** Nova takes no more, and a reason that is cut at its end has lost its facts. */
const LONGEST = 255;

/** Where both do not fit it is the sentence that is cut: the next engine lives by the facts (S4). */
export function writeMark(sentence: string, facts: readonly (string | number)[]): string {
  const tail = ` [${facts.join('|')}]`;
  const points = [...sentence];
  const room = LONGEST - PREFIX.length - [...tail].length;
  const words = points.length <= room ? sentence : `${points.slice(0, Math.max(0, room - 1)).join('')}…`;
  return `${PREFIX}${words}${tail}`;
}

/** Undefined when the reason is not ours, or was edited by somebody. */
export function factsOf(disabledReason: string | undefined): readonly string[] | undefined {
  if (disabledReason?.startsWith(PREFIX) !== true) return undefined;
  return /\[([^[\]]+)\]$/.exec(disabledReason)?.[1]?.split('|');
}

import type { Check } from './check.ts';

/**
 * Reads one rule of a policy file: oslo.policy's language (`role:admin or (rule:owner and not role:guest)`, `@`, `!`, the
 * empty rule), and its older form, a list of lists. Throws an Error in words that complete "the rule …".
 */
export function parseCheck(rule: unknown): Check {
  if (rule === null || rule === undefined || rule === '') return { kind: 'always' };
  if (typeof rule === 'string') return new Parser(rule).all();
  if (Array.isArray(rule)) return fromLists(rule);
  throw new Error('is neither a text nor a list');
}

/** Any of the inner lists, of which all must pass. */
function fromLists(lists: readonly unknown[]): Check {
  if (lists.length === 0) return { kind: 'always' };
  const parts = lists.map((list): Check => {
    const words = typeof list === 'string' ? [list] : list;
    if (!Array.isArray(words) || !words.every((word) => typeof word === 'string')) {
      throw new Error('has a list in it that is not one of texts');
    }
    return { kind: 'and', parts: words.map((word) => single(word)) };
  });
  return { kind: 'or', parts };
}

function single(word: string): Check {
  if (word === '@') return { kind: 'always' };
  if (word === '!') return { kind: 'never' };
  const colon = word.indexOf(':');
  if (colon < 1) throw new Error(`has ${JSON.stringify(word)}, which is no check`);
  const [left, right] = [word.slice(0, colon), word.slice(colon + 1)];
  if (left === 'rule') return { kind: 'rule', name: right };
  if (left === 'role') return { kind: 'role', name: right };
  if (left === 'http' || left === 'https') throw new Error('asks another server, which Lifeboat does not do');
  return { kind: 'match', left, right };
}

class Parser {
  readonly #words: readonly string[];
  #next = 0;

  constructor(text: string) {
    // A blank in a text between quotes belongs to it, and so do the parentheses of %(name)s.
    this.#words = text.match(/(?:'[^']*'|"[^"]*"|%\(\w+\)s|[^\s()])+|[()]/g) ?? [];
  }

  all(): Check {
    if (this.#words.length === 0) return { kind: 'always' };
    const check = this.#or();
    if (this.#word !== undefined) throw new Error(`ends before ${JSON.stringify(this.#word)}`);
    return check;
  }

  get #word(): string | undefined {
    return this.#words[this.#next];
  }

  #takes(word: string): boolean {
    if (this.#word?.toLowerCase() !== word) return false;
    this.#next += 1;
    return true;
  }

  #or(): Check {
    const parts = [this.#and()];
    while (this.#takes('or')) parts.push(this.#and());
    return parts.length === 1 && parts[0] !== undefined ? parts[0] : { kind: 'or', parts };
  }

  #and(): Check {
    const parts = [this.#not()];
    while (this.#takes('and')) parts.push(this.#not());
    return parts.length === 1 && parts[0] !== undefined ? parts[0] : { kind: 'and', parts };
  }

  #not(): Check {
    if (this.#takes('not')) return { kind: 'not', part: this.#not() };
    if (!this.#takes('(')) return this.#single();
    const inner = this.#or();
    if (!this.#takes(')')) throw new Error('has a parenthesis that is not closed');
    return inner;
  }

  #single(): Check {
    const word = this.#word;
    if (word === undefined) throw new Error('ends where a check should stand');
    if (word === ')' || /^(and|or)$/i.test(word))
      throw new Error(`has ${JSON.stringify(word)} where a check should stand`);
    this.#next += 1;
    return single(word);
  }
}

import { parseDuration } from '../../config/duration.ts';
import { LifeboatError } from '../../errors.ts';

const NAME = /^[A-Za-z0-9][A-Za-z0-9._-]{0,254}$/;

/** One value of a scenario with the place where it stands, for messages that an operator can follow. */
export class Field {
  readonly value: unknown;
  readonly #file: string;
  readonly #path: readonly string[];

  constructor(file: string, path: readonly string[], value: unknown) {
    this.#file = file;
    this.#path = path;
    this.value = value;
  }

  get isMissing(): boolean {
    return this.value === undefined || this.value === null;
  }

  /** The field of that key; missing when there is none, or no map. */
  at(key: string): Field {
    const isMap = typeof this.value === 'object' && this.value !== null && !Array.isArray(this.value);
    const found = isMap && Object.hasOwn(this.value, key) ? (this.value as Record<string, unknown>)[key] : undefined;
    return new Field(this.#file, [...this.#path, key], found);
  }

  /** Another value for the same place. */
  sibling(value: unknown): Field {
    return new Field(this.#file, this.#path, value);
  }

  /** Refuses keys that are none of these. */
  knows(...keys: readonly string[]): void {
    const unknown = this.entries().find(([key]) => !keys.includes(key))?.[0];
    if (unknown !== undefined) this.refuse(`${unknown} is not known here; known are ${keys.join(', ')}`);
  }

  entries(): readonly (readonly [string, Field])[] {
    if (this.isMissing) return [];
    if (typeof this.value !== 'object' || Array.isArray(this.value)) return this.refuse('expected a map');
    return Object.keys(this.value as object).map((key) => [key, this.at(key)]);
  }

  /** Empty when it is missing. */
  list(): readonly Field[] {
    if (this.isMissing) return [];
    if (!Array.isArray(this.value)) return this.refuse('expected a list');
    return (this.value as readonly unknown[]).map(
      (each, index) => new Field(this.#file, [...this.#path, String(index + 1)], each),
    );
  }

  text(byDefault?: string): string {
    if (this.isMissing && byDefault !== undefined) return byDefault;
    if (typeof this.value === 'string' || typeof this.value === 'number') return String(this.value);
    return this.refuse('expected a text');
  }

  /** What a node, a host or an instance may be called. */
  name(): string {
    const text = this.text();
    return NAME.test(text) ? text : this.refuse(`${text} is no name`);
  }

  word<const W extends string>(words: readonly W[], byDefault?: W): W {
    if (this.isMissing && byDefault !== undefined) return byDefault;
    const found = words.find((word) => word === String(this.value));
    return found ?? this.refuse(`expected ${words.join(', ')}; found ${this.#found()}`);
  }

  truth(byDefault: boolean): boolean {
    if (this.isMissing) return byDefault;
    return typeof this.value === 'boolean' ? this.value : this.refuse('expected true or false');
  }

  count(least: number, most: number): number {
    const { value } = this;
    if (typeof value === 'number' && Number.isInteger(value) && value >= least && value <= most) return value;
    return this.refuse(`expected a whole number from ${least} to ${most}; found ${this.#found()}`);
  }

  share(): number {
    const { value } = this;
    return typeof value === 'number' && value >= 0 && value <= 1 ? value : this.refuse('expected a number from 0 to 1');
  }

  /** In milliseconds; written as 90s, 500ms or 5m. */
  duration(byDefaultMs: number, mostMs: number): number {
    if (this.isMissing) return byDefaultMs;
    const ms = parseDuration(String(this.value));
    if (ms !== undefined && ms <= mostMs) return ms;
    return this.refuse(`expected a duration such as 90s, 500ms or 5m; found ${this.#found()}`);
  }

  refuse(why: string): never {
    const path = this.#path.length === 0 ? 'the file' : this.#path.join('.');
    throw new LifeboatError('CONFIG_INVALID', `${this.#file}: ${path}: ${why}`);
  }

  #found(): string {
    if (this.isMissing) return 'nothing';
    return typeof this.value === 'object' ? 'a map or a list' : JSON.stringify(this.value).slice(0, 60);
  }
}

import { Fault } from './fault.ts';

export interface Microversion {
  readonly major: number;
  readonly minor: number;
}

export const MIN_VERSION: Microversion = { major: 1, minor: 0 };
export const MAX_VERSION: Microversion = { major: 1, minor: 3 };
const HEADER = 'OpenStack-API-Version';
const SERVICE = 'instance-ha';

export function versionText({ major, minor }: Microversion): string {
  return `${major}.${minor}`;
}

/**
 * The version that the request asks for; 1.0 when it names none for this service. Throws a Fault of 400 or 406. Of more than
 * one service in the header (`compute 2.1, instance-ha 1.2`) only ours is read.
 */
export function askedVersion(header: string | readonly string[] | undefined): Microversion {
  const lines = typeof header === 'string' ? [header] : (header ?? []);
  const ours = lines
    .flatMap((line) => line.split(','))
    .map((part) => part.trim().split(/\s+/))
    .findLast(([service]) => service?.toLowerCase() === SERVICE);
  const text = ours?.[1];
  if (text === undefined) return MIN_VERSION;
  if (text.toLowerCase() === 'latest') return MAX_VERSION;
  const found = /^([1-9]\d*)\.([1-9]\d*|0)$/.exec(text);
  if (found === null) {
    throw new Fault(
      400,
      `API Version String ${printable(text)} is of invalid format. Must be of format MajorNum.MinorNum.`,
    );
  }
  const version = { major: Number(found[1]), minor: Number(found[2]) };
  if (version.major === 1 && version.minor <= MAX_VERSION.minor) return version;
  const range = `Minimum is ${versionText(MIN_VERSION)} and maximum is ${versionText(MAX_VERSION)}.`;
  throw new Fault(406, `Version ${text} is not supported by the API. ${range}`, faultHeaders(version));
}

/** The original names itself differently in an answer and in a fault; clients read neither. */
export function answerHeaders(version: Microversion): Readonly<Record<string, string>> {
  return { [HEADER]: `masakari ${versionText(version)}`, vary: HEADER };
}

export function faultHeaders(version: Microversion): Readonly<Record<string, string>> {
  return { [HEADER]: `${SERVICE} ${versionText(version)}`, vary: HEADER };
}

function printable(text: string): string {
  return text.slice(0, 64).replace(/[^\x20-\x7e]/g, '?');
}

import { optionalText, requireInteger, requireText, requireTime } from './read-attribute.ts';
import type { OperationFailure } from './snapshot.ts';
import type { XmlElement } from './xml-element.ts';

/** One <failure> of crm_mon: the last failed operation of a resource on a node, until it is cleaned up. */
export function failureOf(failure: XmlElement, source: string): OperationFailure {
  return Object.freeze({
    node: requireText(failure, 'node', source),
    // a failure that crm_mon cannot take apart has an id instead
    operation: optionalText(failure, 'op_key') ?? requireText(failure, 'id', source),
    exitStatus: requireText(failure, 'exitstatus', source),
    exitCode: requireInteger(failure, 'exitcode', source),
    exitReason: unescapeOnceMore(optionalText(failure, 'exitreason')),
    status: requireText(failure, 'status', source),
    failedAtMs:
      optionalText(failure, 'last-rc-change') === undefined
        ? undefined
        : requireTime(failure, 'last-rc-change', source),
  });
}

/**
 * crm_mon 2.1.5 escapes the exit reason before its XML writer does it again. A text that went through that holds no bare
 * bracket, quotation mark or ampersand; one that does was escaped only once and is left alone.
 */
function unescapeOnceMore(reason: string | undefined): string | undefined {
  if (reason === undefined || BARE.test(reason)) return reason;
  return reason.replace(/&(amp|lt|gt|quot|apos|#\d+|#x[0-9a-f]+);/gi, (whole, entity: string) => {
    const named = NAMED[entity.toLowerCase()];
    if (named !== undefined) return named;
    const code = /^#x/i.test(entity) ? Number.parseInt(entity.slice(2), 16) : Number(entity.slice(1));
    return code > 0 && code <= 0x10ffff ? String.fromCodePoint(code) : whole;
  });
}

const BARE = /[<>"]|&(?!(?:amp|lt|gt|quot|apos|#\d{1,7}|#x[0-9a-f]{1,6});)/i;

const NAMED: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" };

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { scanPlainXml } from '../../../src/crm/scan-plain-xml.ts';
import { parseWithXml2js, parseXml } from '../../../src/crm/xml-element.ts';
import { crmMonXml } from './documents.ts';
import { EVENTS, samplesOf } from './samples.ts';

describe('scanPlainXml', () => {
  it('reads every recording, and exactly as xml2js does', () => {
    for (const { name, text } of EVENTS.flatMap((event) => samplesOf(event, '')).filter(isXml)) {
      expect(scanPlainXml(text), name).toEqual(parseWithXml2js(text, name));
    }
  });

  it('answers as xml2js does, or leaves the document to it, whatever is broken in it', () => {
    const recording = crmMonXml({});
    const pieces = [
      '<',
      '>',
      '/',
      '"',
      '=',
      '&',
      '&amp;',
      '&#65;',
      '&#x0;',
      '&nope;',
      ' ',
      '<a>',
      '</a>',
      '<!--c-->',
      'é',
    ];
    const edit = fc.record({
      at: fc.nat(recording.length),
      remove: fc.nat(12),
      insert: fc.constantFrom('', ...pieces),
    });
    fc.assert(
      fc.property(fc.array(edit, { minLength: 1, maxLength: 3 }), (edits) => {
        let text = recording;
        for (const { at, remove, insert } of edits) text = text.slice(0, at) + insert + text.slice(at + remove);
        const scanned = scanPlainXml(text);
        if (scanned !== undefined) expect(scanned).toEqual(parseWithXml2js(text, 'test'));
      }),
      { numRuns: 500 },
    );
  });

  it.each([
    '<a><!-- c --></a>',
    '<a>text<b/></a>',
    '<a><b/> text</a>',
    '<a>&unknown;</a>',
    "<a b='c'/>",
    '<!DOCTYPE a><a/>',
    '<a b="1" b="2"/>',
    '<a><b></a></b>',
  ])('leaves %s to xml2js', (text) => {
    expect(scanPlainXml(text)).toBeUndefined();
  });
});

describe('parseXml', () => {
  it('reads what the scanner does not know', () => {
    expect(parseXml("<?xml version='1.0'?><!-- c --><a b='1'><![CDATA[x < y]]><c/></a>", 'test')).toEqual({
      name: 'a',
      attributes: { b: '1' },
      text: 'x < y',
      children: [{ name: 'c', attributes: {}, text: '', children: [] }],
    });
  });

  it('survives a document of any depth', () => {
    const depth = 20_000;
    const deep = '<a>'.repeat(depth) + '</a>'.repeat(depth);
    expect(parseXml(deep, 'test').name).toBe('a');
    expect(() => parseXml(`${deep.slice(0, -1)}`, 'test')).toThrow(expect.objectContaining({ code: 'CRM_GARBAGE' }));
  });
});

function isXml({ name }: { readonly name: string }): boolean {
  return name.endsWith('.xml');
}

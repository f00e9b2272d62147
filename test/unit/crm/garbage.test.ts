import fc from 'fast-check';
import { describe, it } from 'vitest';
import { parseAlert } from '../../../src/crm/alert-message.ts';
import { parseCrmMon } from '../../../src/crm/crm-mon.ts';
import { parseFenceHistory } from '../../../src/crm/fence-history.ts';
import { parseCibNodes } from '../../../src/crm/node-state.ts';
import { LifeboatError } from '../../../src/errors.ts';
import { readSample } from './samples.ts';

const PARSERS = {
  parseCrmMon: { parse: parseCrmMon, recording: readSample('b2-remote-host-gone/crm_mon-02-+6.53s.xml') },
  parseFenceHistory: { parse: parseFenceHistory, recording: readSample('b2-remote-host-gone/stonith_history.xml') },
  parseCibNodes: { parse: parseCibNodes, recording: readSample('b2-remote-host-gone/cibadmin-Q.xml').slice(-12_000) },
};

/** Names that JavaScript or xml2js could stumble over. */
const PIECES = ['__proto__', 'constructor', '<_>', '<$>', '<cdata>', '"', '<', '/>', '&', '\0', '\ud800', ''];

describe('no input makes a parser throw anything but a LifeboatError', () => {
  for (const [name, { parse, recording }] of Object.entries(PARSERS)) {
    const onlyLifeboatErrors = (text: string): void => {
      try {
        parse(text);
      } catch (error) {
        if (!(error instanceof LifeboatError)) throw error;
      }
    };

    it(`${name}, any text`, () => {
      fc.assert(fc.property(fc.string({ unit: 'binary' }), onlyLifeboatErrors));
    });

    it(`${name}, a recording with anything replaced`, () => {
      const damage = fc.tuple(fc.nat(recording.length), fc.nat(40), fc.oneof(fc.constantFrom(...PIECES), fc.string()));
      fc.assert(
        fc.property(damage, ([at, length, instead]) =>
          onlyLifeboatErrors(recording.slice(0, at) + instead + recording.slice(at + length)),
        ),
        { numRuns: 200 },
      );
    });

    it(`${name}, elements with odd names`, () => {
      const odd = ['_', '$', '__proto__', 'constructor', 'cdata', 'toString', 'pacemaker-result', 'status', 'node'];
      const name = fc.constantFrom(...odd);
      const { document } = fc.letrec<{ document: string; leaf: string; branch: string }>((tie) => ({
        document: fc.oneof({ maxDepth: 4, withCrossShrink: true }, tie('leaf'), tie('branch')),
        leaf: fc.tuple(name, name).map(([tag, attribute]) => `<${tag} ${attribute}="1"/>`),
        branch: fc
          .tuple(name, fc.array(tie('document'), { maxLength: 4 }))
          .map(([tag, children]) => `<${tag}>${children.join('')}</${tag}>`),
      }));
      fc.assert(fc.property(document, onlyLifeboatErrors));
    });
  }

  it('parseAlert throws nothing at all', () => {
    const environment = fc.dictionary(
      fc.constantFrom('CRM_alert_kind', 'CRM_alert_desc', 'CRM_alert_rc', 'CRM_alert_node'),
      fc.oneof(fc.string(), fc.constantFrom('node', 'fencing', 'resource', 'Operation off of a by b for c@d: OK')),
    );
    fc.assert(fc.property(environment, (variables) => void parseAlert(variables)));
  });
});

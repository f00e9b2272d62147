import { describe, expect, it } from 'vitest';
import type { AlertMessage } from '../../../src/crm/alert-message.ts';
import { parseAlert } from '../../../src/crm/alert-message.ts';
import { EVENTS, alertsOf } from './samples.ts';

const ALERTS = EVENTS.flatMap(alertsOf);

function fencing(desc: string): AlertMessage {
  return parseAlert({ CRM_alert_kind: 'fencing', CRM_alert_desc: desc, CRM_alert_rc: '-62' });
}

describe('parseAlert', () => {
  it('reads every recorded alert to the end', () => {
    const kinds = new Map<string, number>();
    for (const environment of ALERTS) {
      const alert = parseAlert(environment);
      kinds.set(alert.kind, (kinds.get(alert.kind) ?? 0) + 1);
      // nothing else may be missing in a recording
      expect(Object.entries(alert).filter(([, value]) => value === undefined)).toEqual([]);
      expect(alert.kind).toBe(environment.CRM_alert_kind);
    }
    expect(Object.fromEntries(kinds)).toEqual({ fencing: 66, node: 69, resource: 163 });
  });

  it('takes the description of a fencing apart', () => {
    const desc =
      'Operation reboot of cmp1 by ctl3 for pacemaker-controld.60@ctl1: Timed Out (Fence agent did not complete within 20s) (ref=7bd90cb1)';
    expect(fencing(desc)).toEqual({
      kind: 'fencing',
      node: undefined,
      desc,
      rc: -62,
      action: 'reboot',
      target: 'cmp1',
      delegate: 'ctl3',
      client: 'pacemaker-controld.60',
      origin: 'ctl1',
      result: 'Timed Out (Fence agent did not complete within 20s)',
      ref: '7bd90cb1',
    });
    expect(fencing('Operation off of cmp1 by a human for stonith_admin.439@ctl2: OK (ref=x)')).toMatchObject({
      delegate: 'a human',
      result: 'OK',
    });
  });

  it('keeps a description that it cannot take apart', () => {
    expect(fencing('something new')).toMatchObject({ desc: 'something new', target: undefined, ref: undefined });
  });

  it('reads attribute alerts and makes nothing up about the rest', () => {
    expect(
      parseAlert({
        CRM_alert_kind: 'attribute',
        CRM_alert_node: 'cmp1',
        CRM_alert_attribute_name: 'lifeboat',
        CRM_alert_attribute_value: 'held',
      }),
    ).toMatchObject({ kind: 'attribute', node: 'cmp1', name: 'lifeboat', value: 'held' });
    expect(parseAlert({})).toEqual({ kind: 'unknown', node: undefined, desc: undefined });
    expect(parseAlert({ CRM_alert_kind: 'resource', CRM_alert_rc: 'x' })).toMatchObject({ rc: undefined });
  });
});

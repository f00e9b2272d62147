import { describe, expect, it } from 'vitest';
import { parseRequest } from '../../../src/control/request.ts';

const UUID = '33333333-3333-4333-8333-000000000100';
const HOST = { uuid: UUID, name: 'cmp1', type: '', controlAttributes: 'SSH', reserved: false, onMaintenance: true };
const SEGMENT = {
  ...{ uuid: UUID, name: 'rack a', serviceType: 'COMPUTE', enabled: true, recoveryMethod: 'auto' },
  hosts: [{ ...HOST, number: 10, createdAtMs: 1, updatedAtMs: 2 }],
  number: 3,
};
const VMOVE = {
  ...{ id: 7, uuid: UUID, createdAtMs: 1, instanceUuid: UUID, instanceName: 'web-1', sourceHost: 'cmp1' },
  status: 'succeeded',
};
const NOTIFICATION = {
  ...{ uuid: UUID, type: 'COMPUTE_HOST', host: 'cmp1', sourceHostUuid: UUID, payload: { event: 'STOPPED' } },
  ...{ generatedAtMs: 1, status: 'finished', number: 100, createdAtMs: 1, vmoves: [VMOVE] },
};

const segmentOrder = (change: object): string =>
  JSON.stringify({ op: 'import', by: 'anna', segment: { ...SEGMENT, ...change } });
const historyOrder = (change: object): string =>
  JSON.stringify({ op: 'import-history', by: 'anna', notifications: [NOTIFICATION, { ...NOTIFICATION, ...change }] });

describe('what is brought in over the control socket', () => {
  it('is a segment with its hosts, their numbers and times', () => {
    expect(parseRequest(segmentOrder({}))).toMatchObject({
      outcome: 'request',
      request: { op: 'import', segment: SEGMENT },
    });
  });

  it('is history that has ended, with its moves', () => {
    const request = { op: 'import-history', by: 'anna', notifications: [NOTIFICATION, NOTIFICATION] };
    expect(parseRequest(historyOrder({}))).toMatchObject({ outcome: 'request', request });
  });

  it.each([
    [{ uuid: 'x' }, 'segment.uuid must be a uuid'],
    [{ name: ' a' }, 'must be names'],
    [{ recoveryMethod: 'pray' }, 'segment.recoveryMethod must be one of'],
    [{ enabled: 'true' }, 'segment.enabled must be true or false'],
    [{ hosts: [{ ...HOST, reserved: 1 }] }, 'segment.hosts must be a list of hosts'],
    [{ hosts: [{ ...HOST, number: -1 }] }, 'segment.hosts must be a list of hosts'],
    [{ number: 1.5 }, 'number and times of segment must be whole numbers'],
  ])('is refused as a segment with %j', (change, reason) => {
    expect(parseRequest(segmentOrder(change))).toMatchObject({ outcome: 'bad' });
    expect(JSON.stringify(parseRequest(segmentOrder(change)))).toContain(reason);
  });

  it.each([
    [{ uuid: 7 }, 'notifications[1].uuid and sourceHostUuid must be uuids'],
    [{ segmentUuid: 'x' }, 'segmentUuid must be a uuid'],
    [{ type: 'RACK' }, 'type must be one of'],
    [{ status: 'running' }, 'status must be one of finished, failed, ignored: it has ended'],
    [{ host: '' }, 'host must be a name'],
    [{ message: 7 }, 'message must be a text'],
    [{ payload: { event: 1 } }, 'payload must be an object of texts'],
    [{ payload: [] }, 'payload must be an object of texts'],
    [{ generatedAtMs: 'now' }, 'must be whole numbers'],
    [{ vmoves: [{ ...VMOVE, status: 'lost' }] }, 'vmoves must be a list of moves'],
    [{ vmoves: [{ ...VMOVE, id: undefined }] }, 'vmoves must be a list of moves'],
  ])('is refused as history with %j', (change, reason) => {
    expect(parseRequest(historyOrder(change))).toMatchObject({ outcome: 'bad' });
    expect(JSON.stringify(parseRequest(historyOrder(change)))).toContain(reason);
  });

  it.each([
    '{"op":"import","by":"anna"}',
    '{"op":"import-history","by":"anna"}',
    '{"op":"import-history","by":"anna","notifications":[null]}',
    '{"op":"import-history","notifications":[]}',
  ])('is refused when it is not whole: %s', (line) => {
    expect(parseRequest(line)).toMatchObject({ outcome: 'bad' });
  });
});

import type { NewSegment } from '../../engine/registry/registry.ts';
import type { RecoveryMethod } from '../../engine/segments/segment.ts';
import { allow } from './allow.ts';
import { checked, textIn } from './body.ts';
import type { Handler } from './context.ts';
import { pageOf, textOf, truthOf } from './queries.ts';
import { isTrue, segmentSchema } from './request-schemas.ts';
import { segmentView } from './views.ts';

export const listSegments: Handler = async (call) => {
  allow(call, 'segments:index');
  const { ports, query } = call;
  const [recoveryMethod, serviceType] = [textOf(query, 'recovery_method'), textOf(query, 'service_type')];
  const enabled = truthOf(query, 'enabled');
  const found = await ports.registry.segments({
    ...pageOf(query, ports.maxLimit),
    ...(recoveryMethod !== undefined && { recoveryMethod }),
    ...(serviceType !== undefined && { serviceType }),
    ...(enabled !== undefined && { enabled }),
  });
  return { status: 200, body: { segments: found.map(segmentView) } };
};

export const createSegment: Handler = async (call) => {
  const given = checked(call.body, 'segment', segmentSchema(call.version, 'create'));
  allow(call, 'segments:create');
  const segment = await call.ports.registry.addSegment({
    name: textIn(given, 'name') ?? '',
    serviceType: textIn(given, 'service_type') ?? '',
    recoveryMethod: given['recovery_method'] as RecoveryMethod,
    description: textIn(given, 'description'),
    enabled: given['enabled'] === undefined || isTrue(given['enabled']),
  });
  return { status: 201, body: { segment: segmentView(segment) } };
};

export const showSegment: Handler = async (call) => {
  allow(call, 'segments:detail');
  const segment = await call.ports.registry.segment(call.ids[0] ?? '');
  return { status: 200, body: { segment: segmentView(segment) } };
};

export const updateSegment: Handler = async (call) => {
  const given = checked(call.body, 'segment', segmentSchema(call.version, 'update'));
  allow(call, 'segments:update');
  const [name, serviceType] = [textIn(given, 'name'), textIn(given, 'service_type')];
  const changes: Partial<NewSegment> = {
    ...(name !== undefined && { name }),
    ...(serviceType !== undefined && { serviceType }),
    ...(given['recovery_method'] !== undefined && { recoveryMethod: given['recovery_method'] as RecoveryMethod }),
    ...('description' in given && { description: textIn(given, 'description') }),
    ...(given['enabled'] !== undefined && { enabled: isTrue(given['enabled']) }),
  };
  const segment = await call.ports.registry.updateSegment(call.ids[0] ?? '', changes);
  return { status: 200, body: { segment: segmentView(segment) } };
};

export const deleteSegment: Handler = async (call) => {
  allow(call, 'segments:delete');
  await call.ports.registry.removeSegment(call.ids[0] ?? '');
  return { status: 204 };
};

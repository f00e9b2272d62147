import type { NotificationType } from '../../engine/registry/registry.ts';
import { allow } from './allow.ts';
import { checked, textIn } from './body.ts';
import { parseTime, problemOf } from './check-body.ts';
import type { Handler } from './context.ts';
import { Fault } from './fault.ts';
import { pageOf, sinceOf, textOf } from './queries.ts';
import { NOTIFICATION_SCHEMA, PAYLOAD_SCHEMAS } from './request-schemas.ts';
import { notificationView, progressView, vmoveView } from './views.ts';

export const listNotifications: Handler = async (call) => {
  allow(call, 'notifications:index');
  const { ports, query } = call;
  const [sourceHostUuid, type, status] = ['source_host_uuid', 'type', 'status'].map((name) => textOf(query, name));
  const generatedSinceMs = sinceOf(query, 'generated-since');
  const found = await ports.registry.notifications({
    ...pageOf(query, ports.maxLimit),
    ...(sourceHostUuid !== undefined && { sourceHostUuid }),
    ...(type !== undefined && { type }),
    ...(status !== undefined && { status }),
    ...(generatedSinceMs !== undefined && { generatedSinceMs }),
  });
  return { status: 200, body: { notifications: found.map(notificationView) } };
};

export const createNotification: Handler = async (call) => {
  const given = checked(call.body, 'notification', NOTIFICATION_SCHEMA);
  allow(call, 'notifications:create');
  const type = given['type'] as NotificationType;
  const hostname = textIn(given, 'hostname') ?? '';
  const { onlyHost } = call.caller;
  if (onlyHost !== undefined && onlyHost.toLowerCase() !== hostname.toLowerCase()) {
    throw new Fault(403, `The key of the host ${onlyHost} doesn't allow to report the host ${hostname}.`);
  }
  const problem = problemOf(given['payload'], PAYLOAD_SCHEMAS[type]);
  if (problem !== undefined) throw new Fault(400, problem);
  const notification = await call.ports.registry.notify({
    type,
    hostname,
    generatedAtMs: parseTime(textIn(given, 'generated_time') ?? '') ?? 0,
    payload: given['payload'] as Readonly<Record<string, string>>,
    reportId: call.reportId,
  });
  return { status: 202, body: { notification: notificationView(notification) } };
};

export const showNotification: Handler = async (call) => {
  allow(call, 'notifications:detail');
  const { registry } = call.ports;
  const notification = await registry.notification(call.ids[0] ?? '');
  const view = notificationView(notification);
  if (call.version.minor < 1) return { status: 200, body: { notification: view } };
  const details = progressView(await registry.progress(notification.uuid));
  return { status: 200, body: { notification: { ...view, recovery_workflow_details: details } } };
};

/** Came with 1.3, and is answered at every version, as the original does. */
export const listVmoves: Handler = async (call) => {
  allow(call, 'vmoves:index');
  const { ids, ports, query } = call;
  const [type, status] = [textOf(query, 'type'), textOf(query, 'status')];
  const found = await ports.registry.vmoves(ids[0] ?? '', {
    ...pageOf(query, ports.maxLimit),
    ...(type !== undefined && { type }),
    ...(status !== undefined && { status }),
  });
  return { status: 200, body: { vmoves: found.map(vmoveView) } };
};

export const showVmove: Handler = async (call) => {
  allow(call, 'vmoves:detail');
  const vmove = await call.ports.registry.vmove(call.ids[0] ?? '', call.ids[1] ?? '');
  return { status: 200, body: { vmove: vmoveView(vmove) } };
};

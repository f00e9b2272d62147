import type { NewHost } from '../../engine/registry/registry.ts';
import { allow } from './allow.ts';
import { checked, textIn } from './body.ts';
import type { Handler } from './context.ts';
import { pageOf, textOf, truthOf } from './queries.ts';
import { hostSchema, isTrue } from './request-schemas.ts';
import { hostView } from './views.ts';

export const listHosts: Handler = async (call) => {
  allow(call, 'os-hosts:index');
  const { ids, ports, query } = call;
  const [name, type] = [textOf(query, 'name'), textOf(query, 'type')];
  const controlAttributes = textOf(query, 'control_attributes');
  const [onMaintenance, reserved] = [truthOf(query, 'on_maintenance'), truthOf(query, 'reserved')];
  const found = await ports.registry.hosts(ids[0] ?? '', {
    ...pageOf(query, ports.maxLimit),
    ...(name !== undefined && { name }),
    ...(type !== undefined && { type }),
    ...(controlAttributes !== undefined && { controlAttributes }),
    ...(onMaintenance !== undefined && { onMaintenance }),
    ...(reserved !== undefined && { reserved }),
  });
  return { status: 200, body: { hosts: found.map(hostView) } };
};

export const createHost: Handler = async (call) => {
  const given = checked(call.body, 'host', hostSchema('create'));
  allow(call, 'os-hosts:create');
  const host = await call.ports.registry.addHost(call.ids[0] ?? '', {
    name: textIn(given, 'name') ?? '',
    type: textIn(given, 'type') ?? '',
    controlAttributes: textIn(given, 'control_attributes') ?? '',
    reserved: isTrue(given['reserved']),
    onMaintenance: isTrue(given['on_maintenance']),
  });
  return { status: 201, body: { host: hostView(host) } };
};

export const showHost: Handler = async (call) => {
  allow(call, 'os-hosts:detail');
  const host = await call.ports.registry.host(call.ids[0] ?? '', call.ids[1] ?? '');
  return { status: 200, body: { host: hostView(host) } };
};

export const updateHost: Handler = async (call) => {
  const given = checked(call.body, 'host', hostSchema('update'));
  allow(call, 'os-hosts:update');
  const [name, type] = [textIn(given, 'name'), textIn(given, 'type')];
  const controlAttributes = textIn(given, 'control_attributes');
  const changes: Partial<NewHost> = {
    ...(name !== undefined && { name }),
    ...(type !== undefined && { type }),
    ...(controlAttributes !== undefined && { controlAttributes }),
    ...(given['reserved'] !== undefined && { reserved: isTrue(given['reserved']) }),
    ...(given['on_maintenance'] !== undefined && { onMaintenance: isTrue(given['on_maintenance']) }),
  };
  const host = await call.ports.registry.updateHost(call.ids[0] ?? '', call.ids[1] ?? '', changes);
  return { status: 200, body: { host: hostView(host) } };
};

export const deleteHost: Handler = async (call) => {
  allow(call, 'os-hosts:delete');
  await call.ports.registry.removeHost(call.ids[0] ?? '', call.ids[1] ?? '');
  return { status: 204 };
};

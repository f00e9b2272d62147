import { NotificationRegistry, type NotificationRegistryPorts } from './notification-registry.ts';
import { OneAtATime } from './one-at-a-time.ts';
import type { Registry } from './registry.ts';
import { SegmentRegistry, type SegmentRegistryPorts } from './segment-registry.ts';

export interface EngineRegistryPorts extends SegmentRegistryPorts, Omit<NotificationRegistryPorts, 'segments'> {
  /** Throws NOT_ALLOWED while the store was not read yet. */
  readonly mayRead: () => void;
  /** Throws also LEASE_LAPSED and LEASE_LOST. */
  readonly mayWrite: () => void;
}

/** The registry of the engine that holds the lease, over its store. */
export function engineRegistry(ports: EngineRegistryPorts): Registry {
  const segments = new SegmentRegistry(ports);
  const notifications = new NotificationRegistry({ ...ports, segments });
  const changes = new OneAtATime();
  const read = async <T>(work: () => Promise<T>): Promise<T> => {
    ports.mayRead();
    return work();
  };
  const change = <T>(work: () => Promise<T>): Promise<T> =>
    changes.run(() => {
      ports.mayWrite();
      return work();
    });
  return {
    segments: (query) => read(() => segments.segments(query)),
    segment: (uuid) => read(() => segments.segment(uuid)),
    addSegment: (segment) => change(() => segments.addSegment(segment)),
    updateSegment: (uuid, changes) => change(() => segments.updateSegment(uuid, changes)),
    importSegment: (segment) => change(() => segments.importSegment(segment)),
    removeSegment: (uuid) => change(() => segments.removeSegment(uuid)),

    hosts: (segmentUuid, query) => read(() => segments.hosts(segmentUuid, query)),
    host: (segmentUuid, uuid) => read(() => segments.host(segmentUuid, uuid)),
    addHost: (segmentUuid, host) => change(() => segments.addHost(segmentUuid, host)),
    updateHost: (segmentUuid, uuid, changes) => change(() => segments.updateHost(segmentUuid, uuid, changes)),
    removeHost: (segmentUuid, uuid) => change(() => segments.removeHost(segmentUuid, uuid)),

    notifications: (query) => read(() => notifications.notifications(query)),
    notification: (uuid) => read(() => notifications.notification(uuid)),
    notify: (notification) => change(() => notifications.notify(notification)),
    importNotifications: (told) => change(() => notifications.importNotifications(told)),
    progress: (uuid) => read(() => notifications.progress(uuid)),

    vmoves: (uuid, query) => read(() => notifications.vmoves(uuid, query)),
    vmove: (notificationUuid, uuid) => read(() => notifications.vmove(notificationUuid, uuid)),
  };
}

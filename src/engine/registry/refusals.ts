import { LifeboatError } from '../../errors.ts';

/** Masakari's own words, where it has any: clients and scripts look for them. */

export function notFound(message: string): LifeboatError {
  return new LifeboatError('REGISTRY_NOT_FOUND', message);
}

export function conflict(message: string): LifeboatError {
  return new LifeboatError('REGISTRY_CONFLICT', message);
}

export function refused(message: string): LifeboatError {
  return new LifeboatError('REGISTRY_REFUSED', message);
}

export function noSegment(uuid: string): LifeboatError {
  return notFound(`No failover segment with id ${uuid}.`);
}

export function noHost(uuid: string, segmentUuid: string): LifeboatError {
  return notFound(`Host '${uuid}' under failover_segment '${segmentUuid}' could not be found.`);
}

export function noNotification(uuid: string): LifeboatError {
  return notFound(`No notification with id ${uuid}.`);
}

export function noVmove(uuid: string): LifeboatError {
  return notFound(`No vm move with id ${uuid}.`);
}

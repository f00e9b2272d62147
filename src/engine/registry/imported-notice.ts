import type { MovedIn } from '../store/move-in.ts';
import { workOfVmoves } from './imported-vmoves.ts';
import type { ImportedNotification } from './registry.ts';

/** As it stands in the store: it waits for nothing, and carries what was done for it. */
export function importedNotice(notification: ImportedNotification): MovedIn['notices'][number] {
  const { vmoves, ...told } = notification;
  return { ...told, origin: 'imported', recoveryId: undefined, work: workOfVmoves(vmoves) };
}

import type { Notice } from './notice.ts';
import type { ImportedVmove, VmoveEntry } from './registry.ts';

/** Moves that another than this engine made: their notification has no recovery here, and carries them itself. */
export function workOfVmoves(vmoves: readonly ImportedVmove[]): string | undefined {
  return vmoves.length === 0 ? undefined : JSON.stringify({ vmoves });
}

export function importedVmoves({ uuid, work }: Pick<Notice, 'uuid' | 'work'>): readonly VmoveEntry[] {
  if (work === undefined) return [];
  const { vmoves } = JSON.parse(work) as { readonly vmoves: readonly ImportedVmove[] };
  return vmoves.map((vmove) => ({
    ...vmove,
    notificationUuid: uuid,
    type: 'evacuation',
    // JSON has no undefined: what was left out is given its name again.
    updatedAtMs: vmove.updatedAtMs,
    destHost: vmove.destHost,
    startedAtMs: vmove.startedAtMs,
    endedAtMs: vmove.endedAtMs,
    message: vmove.message,
  }));
}

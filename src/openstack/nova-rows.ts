import type { ComputeService, Evacuation, Instance } from './cloud.ts';
import {
  flagAt,
  isRow,
  numberAt,
  optionalStampAt,
  optionalTextAt,
  stampAt,
  textAt,
  textsAt,
  wordAt,
  wordsAt,
} from './rows.ts';
import type { Row } from './rows.ts';

export function readService(row: Row, what: string): ComputeService {
  return {
    id: textAt(row, 'id', what),
    host: textAt(row, 'host', what),
    zone: textAt(row, 'zone', what),
    status: wordAt(row, 'status', ['enabled', 'disabled'], what),
    state: wordAt(row, 'state', ['up', 'down'], what),
    forcedDown: flagAt(row, 'forced_down', what),
    disabledReason: optionalTextAt(row, 'disabled_reason', what),
    updatedAtMs: optionalStampAt(row, 'updated_at', what),
  };
}

export function readInstance(row: Row, what: string): Instance {
  return {
    id: textAt(row, 'id', what),
    name: optionalTextAt(row, 'name', what) ?? '',
    projectId: textAt(row, 'tenant_id', what),
    status: textAt(row, 'status', what),
    vmState: textAt(row, 'OS-EXT-STS:vm_state', what),
    taskState: optionalTextAt(row, 'OS-EXT-STS:task_state', what),
    powerState: numberAt(row, 'OS-EXT-STS:power_state', what),
    host: optionalTextAt(row, 'OS-EXT-SRV-ATTR:host', what),
    metadata: textsAt(row, 'metadata', what),
    tags: wordsAt(row, 'tags', what),
    fault: isRow(row.fault) ? textAt(row.fault, 'message', what) : undefined,
    createdAtMs: optionalStampAt(row, 'created', what),
    flavorSpecs: flavorSpecsOf(row, what),
    // An empty text when it was booted from a volume.
    imageId: isRow(row.image) ? textAt(row.image, 'id', what) : undefined,
  };
}

/** Before 2.47 Nova shows only the flavor's id; and the extra specs only to whom its policy lets read them. */
function flavorSpecsOf({ flavor }: Row, what: string): Instance['flavorSpecs'] {
  return isRow(flavor) && isRow(flavor.extra_specs) ? textsAt(flavor, 'extra_specs', what) : undefined;
}

export function readEvacuation(row: Row, what: string): Evacuation {
  return {
    id: String(numberAt(row, 'id', what)),
    instanceId: textAt(row, 'instance_uuid', what),
    sourceHost: textAt(row, 'source_compute', what),
    targetHost: optionalTextAt(row, 'dest_compute', what),
    status: textAt(row, 'status', what),
    createdAtMs: stampAt(row, 'created_at', what),
    updatedAtMs: optionalStampAt(row, 'updated_at', what),
  };
}

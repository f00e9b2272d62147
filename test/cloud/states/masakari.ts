/**
 * What Masakari makes of each state in its recovery of a host (method `auto`, its defaults). Not measured: read in the
 * source of masakari 14.0.2, engine/drivers/taskflow/host_failure.py, PrepareHAEnabledInstancesTask and
 * EvacuateInstancesTask. What waits in the dead host's queue is carried out there later: docs/decisions/0024.
 */
export const MASAKARI: Readonly<Record<string, string>> = {
  active: 'active',
  stopped: 'stopped',
  error: 'started elsewhere, stopped, and set to error again',
  paused: 'reset to error, evacuated, **stopped**',
  suspended: 'reset to error, evacuated, **stopped**',
  rescued: 'reset to error, evacuated, **stopped**',
  shelved: 'reset to error, evacuated from an empty disk, **stopped**: no longer shelved',
  shelved_offloaded: 'not on its list',
  'soft-delete': 'not on its list',
  'resized, source alive': 'reset to error, evacuated; active',
  'resized, source dead too': 'reset to error, evacuated; active',
  'resized, was stopped': 'reset to error, evacuated, stopped',
  building: 'reset to error; Nova refuses the evacuation; left in error',
  deleting: 'reset to error, evacuated; **active**: the deletion is undone',
  'powering-off, queued':
    'reset to error, evacuated; **active**; shown as stopped, though it runs, when the host is back',
  'powering-on, queued':
    'reset to error, evacuated, **stopped**; the start runs a **second copy** when the host is back',
  'rebooting, queued': 'reset to error, evacuated; active',
  'rebooting_hard, queued': 'reset to error, evacuated; active',
  'pausing, queued': 'reset to error, evacuated; **active**',
  'suspending, queued': 'reset to error, evacuated; **active**; in error when the host is back',
  'resuming, queued': 'reset to error, evacuated, **stopped**; the resume runs a **second copy** when the host is back',
  'rescuing, queued': 'reset to error, evacuated; active; the rescue runs a **second copy** when the host is back',
  'image_snapshot_pending, queued': 'reset to error, evacuated; active',
  'resize_prep, queued': 'reset to error, evacuated; active; in error when the host is back',
  'powering-off, taken': 'reset to error, evacuated; **active**',
  'locked by its owner': 'active',
  'locked by an administrator': 'active',
  'in an affinity group': 'one try; in error on the dead host',
  'in an anti-affinity group': 'active',
  'pinned to its host': 'active',
};

/**
 * A host that is lost but not proven down, forced down in Nova only so that the scheduler does not choose it as the
 * target of another host's evacuations (seen: it chooses a dead host for up to service_down_time, and the evacuation
 * hangs). Nothing of it is evacuated. Given back when its node is up again, or taken over by its own recovery.
 */
export interface Suspect {
  readonly host: string;
  readonly node: string;
  readonly serviceId: string;
  readonly wasDisabled: boolean;
  readonly sinceMs: number;
  /** Nova has taken both writes. */
  readonly isolated: boolean;
}

"""Every call of openstacksdk's instance_ha, in a way that each sees what the one before did. Prints what came of each as JSON."""

import json
import sys

import openstack

conn = openstack.connection.Connection(auth_type="none", endpoint=sys.argv[1], instance_ha_endpoint_override=sys.argv[1])
ha = conn.instance_ha
outcomes = []


def call(name, /, *args, **kwargs):
    try:
        answer = getattr(ha, name)(*args, **kwargs)
        if hasattr(answer, "__next__"):
            answer = list(answer)
    except openstack.exceptions.HttpException as error:
        outcomes.append([name, error.status_code, str(error.details)])
        return None
    plain = [each.to_dict() for each in answer] if isinstance(answer, list) else answer and answer.to_dict()
    outcomes.append([name, "done", plain])
    return answer


PAYLOAD = {"event": "STOPPED", "process_name": "nova-compute"}
REPORT = {"type": "PROCESS", "hostname": "compute-1", "generated_time": "2026-11-22T06:38:18", "payload": PAYLOAD}

segment = call("create_segment", name="seg", recovery_method="auto", service_type="COMPUTE")
call("create_segment", name="seg", recovery_method="auto", service_type="COMPUTE")
call("create_segment", name="other", recovery_method="nosuch", service_type="COMPUTE")
call("segments", recovery_method="auto")
call("get_segment", segment.uuid)
call("update_segment", segment.uuid, name="seg2", description="changed")
host = call("create_host", segment.uuid, name="compute-1", type="COMPUTE", control_attributes="SSH")
call("create_host", segment.uuid, name="nosuch", type="COMPUTE", control_attributes="SSH")
call("hosts", segment.uuid, on_maintenance=False)
call("get_host", host.uuid, segment.uuid)
call("update_host", host.uuid, segment.uuid, reserved=True)
notification = call("create_notification", **REPORT)
call("create_notification", **REPORT)
call("create_notification", **{**REPORT, "hostname": "nosuch"})
call("notifications", source_host_uuid=host.uuid)
call("get_notification", notification.notification_uuid)
call("delete_host", host.uuid, segment.uuid)
call("get_host", host.uuid, segment.uuid)
call("delete_segment", segment.uuid)
call("delete_segment", segment.uuid)
call("delete_segment", segment.uuid, ignore_missing=False)
json.dump(outcomes, sys.stdout)

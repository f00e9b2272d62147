"""
Every call of openstacksdk's instance_ha, in a way that each sees what the one before did. Prints what came of each as JSON.
With an address as its argument nobody is asked who they are; without one the cloud is that of OS_*.
"""

import json
import sys

import openstack

if len(sys.argv) > 1:
    url = sys.argv[1]
    conn = openstack.connection.Connection(auth_type="none", endpoint=url, instance_ha_endpoint_override=url)
else:
    conn = openstack.connect(load_yaml_config=False)
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


# Of a process for which nothing is done: else the host could not be removed while that goes on.
PAYLOAD = {"event": "STOPPED", "process_name": "libvirtd"}
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

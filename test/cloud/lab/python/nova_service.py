"""Runs one Nova service: nova_service.py PROGRAM READY_FILE OPTION…, PROGRAM one of compute, conductor, scheduler.

Nova says nowhere that a service has started to take messages. READY_FILE gets its pid at that moment.
"""

import importlib
import os
import sys

import nova.monkey_patch  # noqa: F401, first: everything below is to see eventlet's modules
import nova.service
import nova.virt

nova.virt.__path__.append(os.path.join(os.path.dirname(os.path.abspath(__file__)), 'nova_virt'))


def run(program, ready_file, options):
    start = nova.service.Service.start

    def start_and_tell(service):
        start(service)
        with open(ready_file, 'w') as file:
            file.write(str(os.getpid()))

    nova.service.Service.start = start_and_tell
    sys.argv = ['nova-' + program, *options]
    importlib.import_module('nova.cmd.' + program).main()


if __name__ == '__main__':
    run(sys.argv[1], sys.argv[2], sys.argv[3:])

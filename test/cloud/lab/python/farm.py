"""Starts Nova's services cheaply: imports Nova once and forks one process per service.

Every child is an ordinary service with a pid and a control group of its own; the memory of its code is shared. Takes
one JSON line per start from the fifo FIFO: {"program", "cgroup", "ready", "output", "options"}.
Usage: farm.py FIFO
"""

import gc
import json
import os
import signal
import sys
import traceback

import nova_service  # noqa: I100, first: it patches the standard library

import nova.cmd.compute
import nova.cmd.conductor
import nova.cmd.scheduler
import nova.compute.manager
import nova.conductor.manager
import nova.db.main.api  # noqa: F401
import nova.objects
import nova.scheduler.manager  # noqa: F401
import nova.virt.fake  # noqa: F401
import nova.virt.lab  # noqa: F401
import oslo_messaging._drivers.impl_rabbit  # noqa: F401
import pymysql  # noqa: F401
from eventlet import hubs
from eventlet import patcher

blocking = patcher.original('os')


def start(order):
    if os.fork() != 0:
        return
    try:
        # The hub that an import has made would be shared by all children: one epoll descriptor, on which each of them
        # wakes for the events of all others and finds nothing to do.
        hubs.use_hub()
        os.setsid()
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        with open(os.path.join(order['cgroup'], 'cgroup.procs'), 'w') as group:
            group.write('0')
        output = os.open(order['output'], os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        os.dup2(output, 1)
        os.dup2(output, 2)
        nova_service.run(order['program'], order['ready'], order['options'])
        os._exit(0)
    except BaseException:
        traceback.print_exc()
    finally:
        os._exit(1)


def main(fifo):
    nova.objects.register_all()
    gc.collect()
    gc.freeze()  # what is never collected is never written to, and stays shared
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # the kernel buries the children
    # Both ends: with only the reading one the file would end after each writer.
    orders = blocking.open(fifo, blocking.O_RDWR)
    with blocking.fdopen(orders) as lines:
        for line in lines:
            start(json.loads(line))


if __name__ == '__main__':
    main(sys.argv[1])

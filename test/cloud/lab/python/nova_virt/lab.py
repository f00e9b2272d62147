"""Nova's own fake driver with two knobs. Nova loads drivers from nova.virt only; nova_service.py adds this folder to it."""

import os
import time

from nova.virt import fake

FOLDER = os.environ['LAB_COMPUTES']


class FakeDriver(fake.FakeDriver):
    vcpus = int(os.environ.get('LAB_VCPUS', fake.FakeDriver.vcpus))

    def spawn(self, context, instance, *args, **kwargs):
        # Nova has patched time.sleep: only this spawn waits.
        time.sleep(_spawn_delay_s(self._host))
        return super().spawn(context, instance, *args, **kwargs)


def _spawn_delay_s(host):
    """Read at each spawn, so that a test can change it under a running nova-compute."""
    try:
        with open(os.path.join(FOLDER, host, 'spawn-delay-ms')) as file:
            return int(file.read()) / 1000
    except FileNotFoundError:
        return 0

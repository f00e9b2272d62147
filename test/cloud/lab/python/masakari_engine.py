"""Runs Masakari's engine: masakari_engine.py READY_FILE OPTION…; READY_FILE gets its pid once it takes messages."""

import os
import sys

import masakari.cmd.engine
import masakari.service


def run(ready_file, options):
    start = masakari.service.Service.start

    def start_and_tell(service):
        start(service)
        with open(ready_file, 'w') as file:
            file.write(str(os.getpid()))

    masakari.service.Service.start = start_and_tell
    sys.argv = ['masakari-engine', *options]
    masakari.cmd.engine.main()


if __name__ == '__main__':
    run(sys.argv[1], sys.argv[2:])

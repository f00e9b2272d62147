#!/bin/sh
# Puts the monitors of the compute hosts into a running cluster. Run it once, on one controller, as root.
set -eu

# A stop that fails must not fence a compute host with all that runs on it.
pcs resource create --disabled lifeboat-monitor ocf:lifeboat:monitor \
    op start timeout=60s on-fail=restart \
    op stop timeout=30s on-fail=block \
    op monitor interval=10s timeout=20s \
    meta migration-threshold=3 failure-timeout=120s \
    clone interleave=true

# On the compute nodes, which are remote nodes.
pcs constraint location lifeboat-monitor-clone rule resource-discovery=exclusive score=0 '#kind' eq remote

pcs resource enable lifeboat-monitor

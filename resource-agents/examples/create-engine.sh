#!/bin/sh
# Puts Lifeboat into a running cluster. Run it once, on one controller, as root.
set -eu

# One engine in the whole cluster. Disabled until it is known where it may run.
pcs resource create --disabled lifeboat ocf:lifeboat:engine \
    op monitor interval=10s timeout=20s \
    op monitor interval=60s timeout=20s OCF_CHECK_LEVEL=10 \
    meta resource-stickiness=100 migration-threshold=3 failure-timeout=120s

# On a controller, never on a remote node.
pcs constraint location lifeboat rule resource-discovery=never score=-INFINITY '#kind' ne cluster

# Wakes the engine whenever something happens. Every node runs it; it does nothing where the engine is not.
pcs alert create id=lifeboat-alert path=/usr/share/pacemaker/alerts/alert_lifeboat

pcs resource enable lifeboat

"""A Ray cluster of a head without room and machines with a core each, as a process.

    python -m tests.service.ray_cluster 2

It says where it is, and then does what standard input says, with a line for each: `kill MACHINE`
pulls the plug of a machine, `add` adds one, and `look` tells how many actors wait for room; it ends
with its input.
"""

from __future__ import annotations

import json
import sys
from typing import Any

import psutil
from ray._raylet import GcsClient
from ray.autoscaler.v2.sdk import get_cluster_resource_state
from ray.cluster_utils import Cluster

STORE_BYTES = 80 << 20
_SOON = {"health_check_period_ms": 500, "health_check_failure_threshold": 4}
"""A machine that is gone is noticed within seconds, not within half a minute."""


def main() -> None:
    store = {"object_store_memory": STORE_BYTES}
    head = {"num_cpus": 0, "include_dashboard": False, **store}
    cluster = Cluster(initialize_head=True, head_node_args={**head, "_system_config": _SOON})
    machines = [cluster.add_node(num_cpus=1, **store) for _ in range(int(sys.argv[1]))]
    try:
        raylets = [_raylet(each) for each in machines]
        _say({"address": cluster.address, "raylets": raylets})
        for line in sys.stdin:
            word, *rest = line.split()
            if word == "kill":
                number = int(rest[0])
                _pull_plug(raylets[number])
                cluster.remove_node(machines[number], allow_graceful=False)
            elif word == "add":
                machines.append(cluster.add_node(num_cpus=1, **store))
                raylets.append(_raylet(machines[-1]))
            _say({"raylets": raylets, "demand": _demand(cluster.address)})
    finally:
        cluster.shutdown()


def _demand(address: str) -> int:
    """What whoever makes the cluster larger is told."""
    state = get_cluster_resource_state(GcsClient(address))
    return sum(each.count for each in state.pending_resource_requests)


def _raylet(machine: Any) -> int:
    """The process that looks after a machine; all that runs there comes from it."""
    return int(machine.all_processes["raylet"][0].process.pid)


def _pull_plug(raylet: int) -> None:
    """Nothing on the machine says a last word."""
    all_there = [psutil.Process(raylet), *psutil.Process(raylet).children(recursive=True)]
    for process in all_there:
        process.suspend()
    for process in all_there:
        process.kill()


def _say(words: dict[str, Any]) -> None:
    print(json.dumps(words), flush=True)


if __name__ == "__main__":
    main()

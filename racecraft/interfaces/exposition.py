"""Figures for monitoring, in the text format of Prometheus (version 0.0.4)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

from racecraft import __version__

if TYPE_CHECKING:
    from racecraft.service.meter import Histogram, Meter
    from racecraft.service.operations import Overview

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
_MB = 1e6


@dataclass
class Metric:
    """One figure with its help text, and its value for each set of labels."""

    name: str
    kind: Literal["gauge", "counter", "histogram"]
    help: str
    samples: list[tuple[str, Mapping[str, str], float]] = field(default_factory=list)
    """What is added to the name, labels, value."""

    def at(self, value: float, **labels: str) -> Metric:
        """Add a value."""
        self.samples.append(("", labels, value))
        return self

    def text(self) -> Iterator[str]:
        """Its lines."""
        yield f"# HELP {self.name} {self.help}"
        yield f"# TYPE {self.name} {self.kind}"
        for suffix, labels, value in self.samples:
            inner = ",".join(f'{name}="{_escaped(each)}"' for name, each in labels.items())
            yield (
                f"{self.name}{suffix}{{{inner}}} {value:.15g}"
                if inner
                else (f"{self.name}{suffix} {value:.15g}")
            )


def exposition(metrics: Iterable[Metric]) -> str:
    """All of them as one text."""
    return "".join(f"{line}\n" for metric in metrics for line in metric.text())


def metrics_of(overview: Overview, meter: Meter) -> Iterator[Metric]:
    """What monitoring gets to know of a service."""
    yield Metric("racecraft_info", "gauge", "Version of the program; always 1.").at(
        1, version=__version__, database=overview.versions["database"]
    )
    yield Metric("racecraft_up_seconds", "gauge", "How long this process runs.").at(overview.up_s)
    yield from _of_queue(overview)
    yield from _of_nodes(overview)
    disk = Metric("racecraft_disk_bytes", "gauge", "The disk with the home folder.")
    disk.at(overview.disk.free_mb * _MB, part="free")
    yield disk.at(overview.disk.total_mb * _MB, part="total")
    yield Metric("racecraft_models_bytes", "gauge", "What all models take.").at(
        overview.disk.models_mb * _MB
    )
    yield Metric(
        "racecraft_memory_bytes", "gauge", "Memory that the process of the service has."
    ).at(overview.memory_used_mb * _MB)
    requests, answers, waits = meter.read()
    counted = Metric("racecraft_http_requests_total", "counter", "Requests to the API.")
    for (method, route, status), count in sorted(requests.items()):
        counted.at(count, method=method, route=route, status=str(status))
    yield counted
    yield _histogram("racecraft_http_answer_seconds", "Until the answer began.", answers)
    yield _histogram("racecraft_queue_wait_seconds", "How long jobs waited that began.", waits)


def _of_queue(overview: Overview) -> Iterator[Metric]:
    queue = overview.queue
    jobs = Metric("racecraft_jobs", "gauge", "Jobs that there are, by status.")
    for status, count in queue.by_status.items():
        jobs.at(count, status=status)
    yield jobs
    yield Metric(
        "racecraft_queue_oldest_wait_seconds", "gauge", "How long the oldest job has waited."
    ).at(queue.oldest_wait_s)
    yield Metric(
        "racecraft_steps_per_second", "gauge", "Simulated steps of all trainings together."
    ).at(queue.steps_per_s)


def _of_nodes(overview: Overview) -> Iterator[Metric]:
    slots = Metric("racecraft_worker_slots", "gauge", "Jobs that a machine runs at once.")
    busy = Metric("racecraft_worker_jobs", "gauge", "Jobs that a machine has.")
    free = Metric("racecraft_worker_disk_free_bytes", "gauge", "Free disk of a machine.")
    spare = Metric("racecraft_worker_memory_free_bytes", "gauge", "Free memory of a machine.")
    for node in overview.nodes:
        slots.at(node.facts.slots, node=node.id)
        busy.at(sum(job.node == node.id for job in overview.queue.running), node=node.id)
        free.at((node.facts.disk_free_mb or 0.0) * _MB, node=node.id)
        spare.at((node.facts.memory_free_mb or 0.0) * _MB, node=node.id)
    yield Metric("racecraft_workers", "gauge", "Machines that run jobs.").at(len(overview.nodes))
    yield from (slots, busy, free, spare)


def _histogram(name: str, about: str, counted: Histogram) -> Metric:
    metric, below = Metric(name, "histogram", about), 0
    for bound, count in zip((*counted.bounds, float("inf")), counted.counts, strict=True):
        below += count
        word = "+Inf" if bound == float("inf") else f"{bound:g}"
        metric.samples.append(("_bucket", {"le": word}, below))
    metric.samples.append(("_sum", {}, counted.total))
    metric.samples.append(("_count", {}, below))
    return metric


def _escaped(value: str) -> str:
    return value.replace("\\", "\\\\").replace("\n", "\\n").replace('"', '\\"')

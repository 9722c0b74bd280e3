"""Browsers that look at a service: they read in turn, and they watch. They cost little themselves.

The reads go over connections that stay open, as a browser's do. Run as a process of its own
(`python -m benchmarks.clients`, with the orders on standard input), so that what is measured is not
waiting for whoever measures; it prints one line of JSON.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import resource
import sys
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field

PAUSE_S = 2.0
"""Between two reads of a client; a page that is open asks about so often."""


@dataclass(frozen=True)
class Orders:
    """What the clients are to do."""

    port: int
    seconds: float
    readers: list[tuple[str, list[str]]]
    """Cookie and paths of each client."""
    watchers: list[tuple[str, str, int | None]]
    """Cookie, job and chosen car of each viewer."""


@dataclass
class Findings:
    """What they met."""

    latencies_s: list[float] = field(default_factory=list)
    slowest: dict[str, float] = field(default_factory=dict)
    """Longest wait for each kind of read."""
    refused: int = 0
    """Answers that were no 200."""
    segments: int = 0
    segment_bytes: int = 0
    lost_viewers: int = 0
    """Viewers whose socket was closed."""
    cpu_s: float = 0.0
    """Processor time of the clients."""


async def _read(orders: Orders, place: int, findings: Findings) -> None:
    cookie, paths = orders.readers[place]
    end_s = time.perf_counter() + orders.seconds
    await asyncio.sleep(PAUSE_S * place / max(len(orders.readers), 1))
    reader, writer = await asyncio.open_connection("127.0.0.1", orders.port)
    turn = place
    while time.perf_counter() < end_s:
        path = paths[turn % len(paths)]
        turn += 1
        begin = time.perf_counter()
        writer.write(
            f"GET /api/{path} HTTP/1.1\r\nHost: 127.0.0.1:{orders.port}\r\n"
            f"Cookie: {cookie}\r\n\r\n".encode()
        )
        head = await reader.readuntil(b"\r\n\r\n")
        length = next(
            int(line.split(b":")[1])
            for line in head.lower().split(b"\r\n")
            if line.startswith(b"content-length")
        )
        await reader.readexactly(length)
        waited_s = time.perf_counter() - begin
        findings.latencies_s.append(waited_s)
        kind = paths[(turn - 1) % len(paths)].partition("?")[0].split("/")
        name = f"{kind[0]}/{kind[-1]}" if len(kind) > 2 else kind[0] + "/…" * (len(kind) > 1)
        findings.slowest[name] = max(findings.slowest.get(name, 0.0), waited_s)
        findings.refused += b" 200 " not in head.split(b"\r\n", 1)[0]
        await asyncio.sleep(max(PAUSE_S - waited_s, 0.0))
    writer.close()


async def _watch(orders: Orders, place: int, findings: Findings) -> None:
    from websockets.asyncio.client import connect
    from websockets.exceptions import ConnectionClosed

    cookie, job, car = orders.watchers[place]
    url = f"ws://127.0.0.1:{orders.port}/api/jobs/{job}/live"
    end_s = time.perf_counter() + orders.seconds
    headers = {"Cookie": cookie}
    async with connect(url, additional_headers=headers, compression=None, max_size=None) as socket:
        if car is not None:
            await socket.send(json.dumps({"car": car}))
        try:
            while (left_s := end_s - time.perf_counter()) > 0.0:
                with contextlib.suppress(TimeoutError):
                    message = await asyncio.wait_for(socket.recv(), left_s)
                    if isinstance(message, bytes):
                        findings.segments += 1
                        findings.segment_bytes += len(message)
        except ConnectionClosed:
            findings.lost_viewers += 1


async def run(orders: Orders) -> Findings:
    """Read and watch for a while."""
    findings = Findings()
    await asyncio.gather(
        *(_read(orders, place, findings) for place in range(len(orders.readers))),
        *(_watch(orders, place, findings) for place in range(len(orders.watchers))),
    )
    used = resource.getrusage(resource.RUSAGE_SELF)
    findings.cpu_s = used.ru_utime + used.ru_stime
    return findings


def percentile(values: Sequence[float], percent: float) -> float:
    """The value that so many percent are not above."""
    ordered = sorted(values)
    return ordered[min(int(len(ordered) * percent / 100.0), len(ordered) - 1)]


if __name__ == "__main__":
    print(json.dumps(asdict(asyncio.run(run(Orders(**json.loads(sys.stdin.read())))))))

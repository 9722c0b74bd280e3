"""Whether the console's port is free, and which services run here already."""

from __future__ import annotations

import json
import socket
import urllib.request
from collections.abc import Iterable
from pathlib import Path

import psutil

from racecraft.service.doctor.finding import Finding, fine, warn
from racecraft.service.settings import usual_home

_ASK_S = 3.0


def free(port: int) -> Finding:
    """Whether `racecraft up` could listen at the port."""
    try:
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(("127.0.0.1", port))
    except OSError as error:
        return _taken(port, error)
    return fine("port", f"Port {port} is free for `racecraft up`.")


def _taken(port: int, error: OSError) -> Finding:
    version = _version_there(port)
    if version:
        return fine(
            "port",
            f"racecraft {version} answers at http://localhost:{port} already.",
            "Open that in a browser; a second one needs another port and another home "
            "(`RACECRAFT_HOME=… racecraft up --port 8322`).",
        )
    if isinstance(error, PermissionError):
        return warn(
            "port", f"Port {port} is for the administrator only.", "Choose one above 1023 (--port)."
        )
    return warn(
        "port",
        f"Port {port} is taken by another program ({error.strerror}).",
        f"End that program, or use another port: `racecraft up --port {port + 1}`.",
    )


def _version_there(port: int) -> str | None:
    """The version of the racecraft that answers at a port; None if something else is there."""
    direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with direct.open(f"http://localhost:{port}/api/hello", timeout=_ASK_S) as answer:
            told = json.loads(answer.read(10_000))
    except (OSError, ValueError):
        return None
    return str(told["version"]) if isinstance(told, dict) and "registration" in told else None


def others(home: Path, processes: Iterable[psutil.Process] | None = None) -> Finding:
    """Which services work on the home folder."""
    running = psutil.process_iter() if processes is None else processes
    same = [process.pid for process in running if _serves(process, home)]
    if not same:
        return fine("services", f"No service works on {home} at the moment.")
    numbers = ", ".join(str(number) for number in same)
    if len(same) > 1:
        return fine(
            "services",
            f"{len(same)} services work on {home} (processes {numbers}).",
            "They share the queue; end all but one unless they stand behind a proxy.",
        )
    return fine("services", f"One service works on {home} (process {numbers}).")


def _serves(process: psutil.Process, home: Path) -> bool:
    """Whether a process is `racecraft up` for this home, as far as it may be looked at."""
    try:
        words = process.cmdline()
        if "up" not in words or not any("racecraft" in word for word in words[:3]):
            return False
        told = process.environ().get("RACECRAFT_HOME")
        at = Path(process.cwd()) / told if told else usual_home()
        return at.resolve() == home.resolve()
    except (psutil.Error, OSError):
        return False

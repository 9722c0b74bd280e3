"""A program that holds secrets, trains two models at once, and is attacked by one of them.

It is a process of its own, so that an attack which kills its parent kills this one, and the test
that asked for it fails by name. Its argument is an empty folder that anybody may use. A line on
its input is `[kind, name]`, where the kind is a method of `Stage`; a line on its output says what
was seen.
"""

from __future__ import annotations

import ctypes
import json
import os
import platform
import re
import select
import socket
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import psutil

from racecraft.domain.errors import InvalidReward, RewardFailed
from racecraft.domain.reward import COLUMN, COLUMNS
from racecraft.domain.track import Track
from racecraft.sandbox.check import check_reward
from racecraft.sandbox.limits import Limits
from racecraft.sandbox.runner import RewardRunner
from tests.sandbox.attacks.assaults import ASSAULTS
from tests.sandbox.attacks.checks import CHECKS
from tests.sandbox.attacks.probe import LOOT, probing
from tests.sandbox.attacks.probes import PROBES

ROOT = Path(__file__).resolve().parents[3]
CARS = 4
QUICK = Limits(call_s=0.1, reply_s=10.0, load_s=10.0)
IMPATIENT = Limits(call_s=0.1, reply_s=0.5, load_s=1.5)
"""For attacks that only the clock on the wall can end."""
SIBLING = """
import math
seen = 0.0
def reward_function(params):
    global seen
    seen += params['speed']
    return math.sin(params['x']) + params['steps'] / 7 + seen
"""
RETURN_42 = {"x86_64": "b8 2a 00 00 00 c3", "aarch64": "40 05 80 52 c0 03 5f d6"}
"""Machine code: give back 42."""
_ADOPT_ORPHANS = 36
_OPEN = """
import json, sys
sys.path[:] = json.loads(sys.argv[1])
from racecraft.sandbox.inline import InlineChannel
from racecraft.sandbox.limits import Limits
asked, out = json.loads(sys.stdin.read()), sys.stdout
channel = InlineChannel(asked["source"], Limits(printed_characters=1 << 20))
channel.ask({"do": "load", "source": asked["source"], "tracks": [[False, 1.0, b"", b"", b""]],
             "track_of_car": [0]}, 9.0)
for name, row in asked["rows"].items():
    answer = channel.ask({"do": "rewards", "rows": bytes.fromhex(row), "cars": [0]}, 9.0)
    printed = "".join(text for _, text in answer["printed"])
    rewards = memoryview(answer.get("rewards", b"")).cast("d").tolist()
    out.write(json.dumps([name, [rewards == [@LOOT@], printed]]) + "\\n")
    out.flush()
"""
"""What a locked process does, in a process without any lock."""


class Traces(NamedTuple):
    """What can be seen from outside of what an attack did."""

    files: list[str]
    connections: int
    is_written: bool
    """To the inherited pipe."""


class Secrets:
    """Things that no attack may read, write, connect to or change; made anew in every stage."""

    def __init__(self, folder: Path) -> None:
        self.tail = os.urandom(12).hex()
        self.secret = f"canary-{self.tail}"
        self.mark = f"racecraft-attack-{os.urandom(8).hex()}"
        self.abstract = f"racecraft-stage-{os.urandom(12).hex()}"
        os.environ["RACECRAFT_CANARY"] = self.secret
        self.folder = folder
        self.file, self.victim = self.folder / "secret.txt", self.folder / "victim.txt"
        for file in (self.file, self.victim):
            file.write_text(self.secret)
            file.chmod(0o666)
        self._state = self._files()
        self.readable, self._into_readable = os.pipe()
        self._from_writable, self.writable = os.pipe()
        os.set_blocking(self.readable, False)
        os.write(self._into_readable, self.secret.encode() * 99)
        self.inherited = (self.readable, self.writable)
        for handle in self.inherited:
            os.set_inheritable(handle, True)
        self._servers = [
            self._listening(socket.AF_INET, ("127.0.0.1", 0)),
            self._listening(socket.AF_UNIX, str(self.folder / "socket")),
            self._listening(socket.AF_UNIX, f"\0{self.abstract}"),
        ]
        (self.folder / "socket").chmod(0o777)
        self._state = self._files()

    def placed(self, source: str) -> str:
        """A source text with the words between @ signs replaced."""
        code = RETURN_42.get(platform.machine(), "00")
        words = {
            "FILE": repr(str(self.file)),
            "VICTIM": repr(str(self.victim)),
            "FOLDER": repr(str(self.folder)),
            "SOCKET": repr(str(self.folder / "socket")),
            "ABSTRACT": repr(self.abstract),
            "PORT": str(self._servers[0].getsockname()[1]),
            "MARK": self.mark,
            "PARENT": str(os.getpid()),
            "INHERITED": str(self.readable),
            "LIBRARY": repr(_a_library()),
            "RETURN_42": f"bytes.fromhex({code!r})",
            "TAIL": self.tail[::-1],
        }
        return re.sub(r"@([A-Z_0-9]+)@", lambda match: words[match[1]], source)

    def traces(self) -> Traces:
        """What has changed."""
        connections = 0
        for server in self._servers:
            with suppress(BlockingIOError):
                server.accept()
                connections += 1
        is_written = bool(select.select([self._from_writable], [], [], 0)[0])
        if is_written:
            os.read(self._from_writable, 1 << 16)
        changed = [] if self._files() == self._state else [str(self.folder)]
        return Traces(changed + [str(path) for path in self._strays()], connections, is_written)

    def remove(self) -> None:
        """Leave nothing behind."""
        for path in self._strays():
            path.unlink()

    def _strays(self) -> list[Path]:
        places = [Path("/"), Path("/tmp"), Path("/dev/shm"), Path.cwd()]
        return [path for place in places for path in place.glob(f"*{self.mark}*")]

    def _files(self) -> list[tuple[str, int, int, int, str]]:
        state = []
        for path in sorted(self.folder.iterdir()):
            about = path.stat()
            text = path.read_bytes().hex() if path.is_file() else ""
            state.append((path.name, about.st_mode, about.st_size, about.st_mtime_ns, text))
        return state

    @staticmethod
    def _listening(family: int, address: Any) -> socket.socket:
        server = socket.socket(family)
        server.bind(address)
        server.listen(99)
        server.setblocking(False)
        return server


class Stage:
    """Two trainings side by side: the one that is attacked, and a sibling of no interest."""

    def __init__(self, folder: Path) -> None:
        ctypes.CDLL(None).prctl(_ADOPT_ORPHANS, 1, 0, 0, 0)  # so that no process can hide
        self._secrets = Secrets(folder)
        self._tracks = [_a_track()]
        self._sibling = self._started(SIBLING)
        self._siblings_twin = _functions(SIBLING)
        self._own = _children()
        self._probed: RewardRunner | None = None

    def probe(self, name: str) -> dict[str, Any]:
        """Let one probe try, in a locked process that all probes share."""
        if self._probed is None:
            self._probed = self._started(self._secrets.placed(probing(PROBES)))
            self._own |= _children()
        try:
            rewards = self._probed.rewards(_row_of(name), np.array([1])).tolist()
        except (InvalidReward, RewardFailed) as error:
            self._probed.close()
            self._probed = None
            return {"message": str(error)}
        return {"rewards": rewards, "printed": self._probed.printed()}

    def assault(self, name: str) -> dict[str, Any]:
        """Train with one assault for a few steps."""
        assault = next(one for one in ASSAULTS if one.name == name)
        table, cars = _table(assault.rows), np.arange(assault.rows) % CARS
        each = [np.zeros(assault.rows) for _ in range(assault.batches)]
        printed = ""
        try:
            limits = IMPATIENT if assault.is_silent else QUICK
            with self._started(self._secrets.placed(assault.source), limits) as runner:
                try:
                    for rewards in each:
                        runner.submit(table, cars, rewards)
                        if not assault.is_ahead:
                            runner.finish()
                    runner.finish()
                finally:
                    printed = runner.printed()
        except (InvalidReward, RewardFailed) as error:
            return {"message": str(error), "printed": printed}
        values = sorted({repr(value) for rewards in each for value in rewards.tolist()})
        return {"rewards": values, "printed": printed}

    def check(self, name: str) -> dict[str, Any]:
        """Check one assault, as a person does before a training."""
        assault = next(one for one in [*CHECKS, *ASSAULTS] if one.name == name)
        limits = IMPATIENT if assault.is_silent else QUICK
        source = self._secrets.placed(assault.source)
        check = check_reward(source, self._tracks[0], limits=limits)
        found = [[str(f.severity), f.message, f.line, f.column] for f in check.findings]
        numbers = [check.calls, check.call_ms, check.lowest, check.highest]
        return {"findings": found, "numbers": [repr(number) for number in numbers]}

    def lock(self, _: str) -> dict[str, Any]:
        """What was taken from the locked process, and who this process is."""
        return {**self._sibling.lock._asdict(), "user": os.geteuid()}

    def unlocked(self, names: str) -> dict[str, Any]:
        """Let these probes try in a process that is not locked."""
        source = self._secrets.placed(probing(PROBES))
        rows = {name: _row_of(name).tobytes().hex() for name in names}
        done = subprocess.run(
            [
                sys.executable,
                "-c",
                _OPEN.replace("@LOOT@", str(LOOT)),
                json.dumps([str(ROOT), *sys.path]),
            ],
            input=json.dumps({"source": source, "rows": rows}),
            capture_output=True,
            text=True,
            timeout=60,
            pass_fds=self._secrets.inherited,
        )
        lines = [json.loads(line) for line in done.stdout.splitlines() if line.startswith("[")]
        return {"answers": dict(lines), "errors": done.stderr[-2000:]}

    def watched(self, kind: str, name: str) -> dict[str, Any]:
        """Do one of the above, and tell what could be seen from outside."""
        _forget_highest_memory()
        memory_mb, begin = _memory_mb("VmRSS"), time.monotonic()
        seen = getattr(self, kind)(name)
        took_s = round(time.monotonic() - begin, 3)
        memory_mb = _memory_mb("VmHWM") - memory_mb
        text = json.dumps(seen)
        return {
            **seen,
            **self._secrets.traces()._asdict(),
            "processes": sorted(_children() - self._own),
            "took_s": took_s,
            "memory_mb": memory_mb,
            "is_leaked": self._secrets.tail in text or self._secrets.tail.encode().hex() in text,
            "is_sibling_well": self._is_sibling_well(),
        }

    def close(self) -> None:
        """End all processes and remove all files."""
        self._sibling.close()
        if self._probed is not None:
            self._probed.close()
        self._secrets.remove()

    def _started(self, source: str, limits: Limits | None = None) -> RewardRunner:
        return RewardRunner(source, self._tracks, CARS, limits=limits)

    def _is_sibling_well(self) -> bool:
        table = _table(CARS)
        rewards = self._sibling.rewards(table, np.arange(CARS)).tolist()
        usual = []
        for row, function in zip(table.tolist(), self._siblings_twin, strict=True):
            params = {"x": row[0], "steps": row[6], "speed": row[7]}
            usual.append(function(params))
        return rewards == usual and not self._sibling.printed()


def main() -> None:
    stage = Stage(Path(sys.argv[1]))
    try:
        for line in sys.stdin:
            print(json.dumps(stage.watched(*json.loads(line))), flush=True)
    finally:
        stage.close()


def _functions(source: str) -> list[Any]:
    """The same as the locked process makes of a source, in this one."""
    modules: list[dict[str, Any]] = [{} for _ in range(CARS)]
    for module in modules:
        exec(source, module)
    return [module["reward_function"] for module in modules]


def _row_of(probe: str) -> np.ndarray:
    row = _table(1)
    row[:, COLUMN["steps"]] = [one.name for one in PROBES].index(probe)
    return row


def _a_track() -> Track:
    angle = np.linspace(0, 2 * np.pi, 121)
    circle = np.stack([np.cos(angle), np.sin(angle)], axis=1)
    circle[-1] = circle[0]
    return Track("ring", 3 * circle, 2.5 * circle, 3.5 * circle)


def _table(rows: int) -> np.ndarray:
    table = np.zeros((rows, len(COLUMNS)))
    table[:, COLUMN["x_m"]] = np.arange(rows) / 8
    table[:, COLUMN["steps"]] = 2 + np.arange(rows)
    table[:, COLUMN["speed_mps"]] = 1 + np.arange(rows) / 4
    table[:, COLUMN["waypoint_ahead"]] = 1
    return table


def _children() -> set[int]:
    return {process.pid for process in psutil.Process().children(recursive=True)}


def _a_library() -> str:
    """A file that could be loaded and is not yet."""
    import _sqlite3

    return _sqlite3.__file__


def _forget_highest_memory() -> None:
    with suppress(OSError):
        Path("/proc/self/clear_refs").write_text("5")


def _memory_mb(name: str) -> int:
    text = Path("/proc/self/status").read_text()
    return int(re.search(rf"{name}:\s+(\d+)", text)[1]) // 1024


if __name__ == "__main__":
    main()

"""Hostile reward functions get nothing out, stop nobody else, and end in a clear sentence.

What they try is in `attacks/probes.py` and `attacks/assaults.py`; where they try it, with secrets
around them and a sibling beside them, is in `attacks/stage.py`.
"""

from __future__ import annotations

import json
import math
import os
import platform
import re
import select
import shutil
import signal
import subprocess
import sys
import tempfile
import textwrap
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.sandbox.attacks.assault import Assault
from tests.sandbox.attacks.assaults import ASSAULTS, ON_THE_LOCKS
from tests.sandbox.attacks.checks import CHECKS
from tests.sandbox.attacks.probe import LOOT, USUAL, Probe
from tests.sandbox.attacks.probes import PROBES

pytestmark = pytest.mark.skipif(
    not sys.platform.startswith("linux"), reason="only Linux has the locks that are attacked"
)

ROOT = Path(__file__).resolve().parents[2]
NOBODY = 65534
USERS = ["who runs the tests", "an ordinary user"]
PATIENCE_S = 30.0
LONGEST_S = 8.0
"""Of one attack, with its process started; most take a tenth of a second."""
MOST_MB = 100
LONGEST_SENTENCE = 1200
PLACED = re.compile(r"car \d+, episode \d+, step \d+: |while loading: |\d[\d,]* more printed lines")
"""How a line of printed text begins, so that it cannot pass for a line of the program."""
RESTARTED = re.compile(
    r"the process of the reward function ended "
    r"\((signal \d+|exit code \d+|its memory was used up)\); "
)


class Stage:
    """A process that is attacked, started when it is first needed and after each death."""

    def __init__(self, user: str) -> None:
        self._program = [sys.executable, "-m", "tests.sandbox.attacks.stage"]
        if user == "an ordinary user":
            become = str(ROOT / "tests" / "sandbox" / "attacks" / "as_user.py")
            self._program = [sys.executable, become, str(NOBODY), *self._program]
        self._process: subprocess.Popen[str] | None = None
        self._folder = ""

    def seen(self, kind: str, name: Any = "") -> dict[str, Any]:
        """What could be seen of an attack."""
        process = self._process or self._started()
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write(json.dumps([kind, name]) + "\n")
        process.stdin.flush()
        is_ready = select.select([process.stdout], [], [], PATIENCE_S)[0]
        line = process.stdout.readline() if is_ready else ""
        if not line:
            self.close()
            pytest.fail(f"{kind} {name!r} {'killed' if is_ready else 'stopped'} its parent")
        seen: dict[str, Any] = json.loads(line)
        return seen

    def close(self) -> None:
        """End it and all that it started."""
        if self._process is None:
            return
        with self._process as process:
            assert process.stdin is not None
            process.stdin.close()
            try:
                process.wait(5.0)
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGKILL)  # it is the first of its group
        self._process = None
        shutil.rmtree(self._folder)

    def _started(self) -> subprocess.Popen[str]:
        self._folder = tempfile.mkdtemp(prefix="racecraft-stage-")
        Path(self._folder).chmod(0o777)
        self._process = subprocess.Popen(
            [*self._program, self._folder],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )
        return self._process


@pytest.fixture(scope="module")
def stages() -> Iterator[dict[str, Stage]]:
    stages = {user: Stage(user) for user in USERS}
    yield stages
    for stage in stages.values():
        stage.close()


@pytest.fixture
def stage(request: pytest.FixtureRequest, stages: dict[str, Stage]) -> Stage:
    if request.param == "an ordinary user" and os.geteuid() != 0:
        pytest.skip("only root can become another user; the tests run as an ordinary one already")
    return stages[request.param]


as_both = pytest.mark.parametrize("stage", USERS, indirect=True)
as_one = pytest.mark.parametrize("stage", USERS[:1], indirect=True)


@pytest.fixture(scope="module")
def unlocked() -> dict[str, Any]:
    """What the probes get where nothing is locked."""
    stage = Stage("who runs the tests")
    seen = stage.seen("unlocked", [probe.name for probe in PROBES if probe.opens])
    stage.close()
    return seen


def assert_no_harm(seen: dict[str, Any]) -> None:
    """Nothing got out, nothing was changed, nobody else noticed, and it did not take long."""
    assert seen["files"] == []
    assert seen["connections"] == 0
    assert seen["processes"] == []
    assert not seen["is_written"]
    assert not seen["is_leaked"]
    assert seen["is_sibling_well"]
    assert seen["took_s"] < LONGEST_S
    assert seen["memory_mb"] < MOST_MB


def assert_a_clear_sentence(message: str) -> None:
    """As a person and a log can read it."""
    assert message.isprintable()
    assert len(message) < LONGEST_SENTENCE
    assert re.match(r"[A-Z`].*\.$", message), message
    assert "Traceback" not in message
    assert str(ROOT) not in message


def assert_printed_in_its_place(printed: str) -> None:
    """Each line says where it comes from, and does nothing to a terminal."""
    lines = printed.split("\n") if printed else []
    assert sum(map(len, lines)) < 100_000
    assert [line for line in lines if not line.isprintable()] == []
    assert [line for line in lines if not (PLACED.match(line) or RESTARTED.match(line))] == []


def assert_a_good_end(seen: dict[str, Any], assault: Assault) -> None:
    """Usable rewards, or the sentence that belongs to this assault; no harm either way."""
    assert_no_harm(seen)
    assert_printed_in_its_place(seen["printed"])
    if (message := seen.get("message")) is None:
        assert assault.message is None, seen["rewards"]
        rewards = [float(reward) for reward in seen["rewards"]]
        assert all(math.isfinite(reward) and abs(reward) <= 1e5 for reward in rewards)
        assert LOOT not in rewards
    else:
        assert_a_clear_sentence(message)
        assert assault.message is None or re.search(assault.message, message), message


@as_both
def test_the_process_is_locked_with_all_that_the_kernel_has(stage: Stage) -> None:
    seen = stage.seen("lock")

    assert seen["missing"] == []
    assert len(seen["taken"]) == (4 if seen["user"] == 0 else 3)
    assert_no_harm(seen)


@as_both
@pytest.mark.parametrize("probe", PROBES, ids=lambda probe: probe.name)
def test_a_probe_gets_nothing(stage: Stage, probe: Probe) -> None:
    seen = stage.seen("probe", probe.name)

    assert seen.get("message") is None
    assert seen["rewards"] == [USUAL], seen["printed"]
    assert_no_harm(seen)


@as_one
@pytest.mark.parametrize("assault", ASSAULTS, ids=lambda assault: assault.name)
def test_an_assault_ends_in_usable_rewards_or_a_clear_sentence(
    stage: Stage, assault: Assault
) -> None:
    assert_a_good_end(stage.seen("assault", assault.name), assault)


@pytest.mark.parametrize("stage", USERS[1:], indirect=True)
@pytest.mark.parametrize("assault", ON_THE_LOCKS, ids=lambda assault: assault.name)
def test_an_assault_ends_as_well_when_it_is_started_by_an_ordinary_user(
    stage: Stage, assault: Assault
) -> None:
    assert_a_good_end(stage.seen("assault", assault.name), assault)


@as_one
@pytest.mark.parametrize("assault", CHECKS, ids=lambda assault: assault.name)
def test_a_check_believes_nothing(stage: Stage, assault: Assault) -> None:
    seen = stage.seen("check", assault.name)

    assert_no_harm(seen)
    for _, message, line, column in seen["findings"]:
        assert_a_clear_sentence(message)
        assert line is None or line > 0
        assert column is None or column > 0
    numbers = [float(number) for number in seen["numbers"] if number != "None"]
    assert [number for number in numbers if not math.isfinite(number)] == []


@pytest.mark.parametrize(
    "name", [probe.name for probe in PROBES if probe.opens], ids=lambda name: name
)
def test_a_probe_gets_through_where_nothing_is_locked(unlocked: dict[str, Any], name: str) -> None:
    assert name in unlocked["answers"], unlocked["errors"]
    is_loot, printed = unlocked["answers"][name]
    assert is_loot, printed


def test_what_gets_through_is_seen_from_outside(unlocked: dict[str, Any]) -> None:
    assert unlocked["files"] != []
    assert unlocked["connections"] > 0
    assert unlocked["is_written"]
    assert unlocked["is_leaked"]
    assert unlocked["is_sibling_well"]


OLD_DOOR = """
    import ctypes, mmap, os, sys
    from racecraft.sandbox.lockdown import lock
    page = mmap.mmap(-1, 4096, prot=7)
    page.write(bytes.fromhex("b8 14 00 00 00 cd 80 c3"))  # the 32-bit way to ask for one's number
    knock = ctypes.CFUNCTYPE(ctypes.c_int)(ctypes.addressof(ctypes.c_char.from_buffer(page)))
    if sys.argv[1] == "locked":
        lock(memory_mb=64, parent=os.getppid())
    sys.exit(0 if knock() == os.getpid() else 1)
"""


@pytest.mark.skipif(platform.machine() != "x86_64", reason="only this processor has such a door")
def test_the_32_bit_calls_of_the_kernel_are_shut_too() -> None:
    def code(doors: str) -> int:
        program = [sys.executable, "-c", textwrap.dedent(OLD_DOOR), doors]
        return subprocess.run(program, cwd=ROOT, timeout=30).returncode

    if code("open") != 0:
        pytest.skip("this kernel was built without them")

    assert code("locked") == -signal.SIGSYS


ORPHAN = """
    import sys
    import numpy as np
    from racecraft.domain.reward import COLUMNS
    from racecraft.domain.track import Track
    from racecraft.sandbox.runner import RewardRunner
    angle = np.linspace(0, 2 * np.pi, 121)
    circle = np.stack([np.cos(angle), np.sin(angle)], axis=1)
    circle[-1] = circle[0]
    track = Track("ring", 3 * circle, 2.5 * circle, 3.5 * circle)
    source = "import time\\ndef reward_function(params):\\n    while True: time.sleep(0.01)\\n"
    runner = RewardRunner(source, [track], 1)
    runner.submit(np.zeros((1, len(COLUMNS))), np.array([0]), np.zeros(1))
    print("driving", flush=True)
    sys.stdin.read()
"""


def test_a_locked_process_ends_with_the_training_that_started_it() -> None:
    program = [sys.executable, "-c", textwrap.dedent(ORPHAN)]
    with subprocess.Popen(program, cwd=ROOT, stdin=-1, stdout=-1, text=True) as training:
        assert training.stdout is not None
        assert training.stdout.readline() == "driving\n"
        locked = [
            int(path.parent.name)
            for path in Path("/proc").glob("[0-9]*/stat")
            if parent_of(path) == training.pid
        ]
        training.kill()

    assert len(locked) == 1
    deadline = time.monotonic() + 5.0
    while Path(f"/proc/{locked[0]}/stat").exists() and not is_dead(locked[0]):
        assert time.monotonic() < deadline, "it outlived its parent"
        time.sleep(0.01)


def parent_of(stat: Path) -> int | None:
    try:
        return int(stat.read_text().rpartition(")")[2].split()[1])
    except OSError:  # it ended meanwhile
        return None


def is_dead(process: int) -> bool:
    try:
        return "Z" in Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return True

"""How long a person waits: for the program to start, for a trained car, for five laps."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import threading
import time
from dataclasses import dataclass
from pathlib import Path

from benchmarks.measuring import Effort, Sample, child_environment
from benchmarks.table import ROOT, Row, number

LAPS = 5
LAPS_TARGET_S = 2.0
EVALUATED_SEED = 100
QUICKSTART_TARGETS_S = {"default": 40.0, "first-laps": 15.0}
NETWORK_OF_PRESET = {"default": "shallow", "first-laps": "light"}
AFTER_THE_TABLE = "The model and what it did are in"
"""The line that `racecraft quickstart` prints next after the lap table."""
FIRST_PICTURE = (
    "import gymnasium, racecraft.sim; gymnasium.make('racecraft/TimeTrial-v0').reset(seed=0)"
)
SCRIPT = Path(sys.executable).with_name("racecraft")
RACECRAFT = [str(SCRIPT)] if SCRIPT.exists() else [sys.executable, "-m", "racecraft.interfaces.cli"]
"""What a person types, or the same where the package is not installed but lies beside us."""


@dataclass(frozen=True)
class Quickstart:
    """One run of `racecraft quickstart`."""

    table_s: float | None
    """Until the lap table stood there; None if it never did."""
    folder: Path
    output: str

    @property
    def is_clean(self) -> bool:
        """Every lap of the table was clean."""
        return self.table_s is not None and "Not every lap is clean" not in self.output


def run_quickstart(preset: str, seed: int, home: Path, cap_s: float) -> Quickstart:
    """Type `racecraft quickstart`, and watch the clock until the lap table is printed."""
    command = [*RACECRAFT, "quickstart", "--preset", preset, "--seed", str(seed)]
    lines, table_s = [], None
    begin = time.perf_counter()
    process = subprocess.Popen(
        command,
        cwd=home,
        env=child_environment(RACECRAFT_HOME=str(home), PYTHONPATH=str(ROOT)),
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    clock = threading.Timer(cap_s, process.kill)
    clock.start()
    assert process.stdout is not None
    with process:
        for line in process.stdout:
            if table_s is None and line.startswith(AFTER_THE_TABLE):
                table_s = time.perf_counter() - begin
            lines.append(line)
    clock.cancel()
    return Quickstart(table_s, home / "models" / "quickstart", "".join(lines))


def quickstart_rows(effort: Effort, presets: list[str], seeds: range, cap_s: float) -> list[Row]:
    """From the typed command to the lap table, in a new home folder each time."""
    if not effort.is_quick:
        # Compiled kernels and files in the page cache, as on any machine that ran it before.
        with tempfile.TemporaryDirectory() as home:
            run_quickstart("first-laps", seeds[0], Path(home), cap_s)
    rows = []
    for preset in presets:
        runs = []
        for seed in seeds[:1] if effort.is_quick else seeds:
            with tempfile.TemporaryDirectory() as home:
                runs.append(run_quickstart(preset, seed, Path(home), cap_s))
            print(f"  {preset}, seed {seed}: {number(runs[-1].table_s)} s", flush=True)
        rows.append(_quickstart_row(preset, runs, cap_s))
    return rows


def _quickstart_row(preset: str, runs: list[Quickstart], cap_s: float) -> Row:
    seconds = Sample(tuple(run.table_s or cap_s for run in runs))
    return Row(
        name=f"racecraft quickstart --preset {preset}, typed to lap table",
        value=seconds.median,
        unit="s",
        target=QUICKSTART_TARGETS_S[preset],
        sense="<=",
        note=f"{seconds}, one a seed, stopped after {cap_s:g} s; compiled kernels were there",
        failures=sum(not run.is_clean for run in runs),
    )


def evaluation_rows(
    effort: Effort, presets: list[str], models: list[Path], cap_s: float
) -> list[Row]:
    """Five laps of trained policies: of given model folders, else of new quickstarts.

    Args:
        effort: how often to repeat.
        presets: which to train.
        models: folders to use instead of training; told apart by their network.
        cap_s: most seconds for a quickstart.
    """
    given = {_preset_of(folder): folder for folder in models}
    rows = []
    for preset in presets:
        with tempfile.TemporaryDirectory() as home:
            folder = given.get(preset)
            if folder is None:
                trained = run_quickstart(preset, EVALUATED_SEED, Path(home), cap_s)
                folder = None if trained.table_s is None else trained.folder
            rows.append(_evaluation_row(effort, preset, folder))
    return rows


def _preset_of(folder: Path) -> str:
    from racecraft.service.models import load_model
    from racecraft.service.presets import PRESETS

    network = load_model(folder).network
    for name, preset in PRESETS.items():
        if preset.model.network is network:
            return name
    raise SystemExit(f"The network of {folder} is {network}; no preset uses it.")


def _evaluation_row(effort: Effort, preset: str, folder: Path | None) -> Row:
    name = f"evaluation of {LAPS} laps, {NETWORK_OF_PRESET[preset]}, without imports"
    if folder is None:
        return Row(
            name=name,
            value=None,
            unit="s",
            target=LAPS_TARGET_S,
            sense="<=",
            note="there was no model to drive: the training before did not come to its end",
            failures=1,
        )
    command = [sys.executable, "-m", "benchmarks.laps", str(folder.absolute()), str(LAPS)]
    results = []
    for _ in range(effort.repeats):
        done = subprocess.run(
            command, cwd=ROOT, env=child_environment(), capture_output=True, text=True, check=False
        )
        if done.returncode:
            raise RuntimeError(f"The laps could not be timed:\n{done.stderr}")
        results.append(json.loads(done.stdout.splitlines()[-1]))
    seconds = Sample(tuple(result["seconds"] for result in results))
    lap_s = Sample(tuple(results[0]["lap_s"]))
    return Row(
        name=name,
        value=seconds.median,
        unit="s",
        target=LAPS_TARGET_S,
        sense="<=",
        note=f"{seconds}, a new process each; median lap {number(lap_s.median)} simulated s; "
        f"{results[0]['clean']} of {LAPS} clean",
        failures=sum(result["clean"] < LAPS for result in results),
    )


def import_rows(effort: Effort) -> list[Row]:
    """From the start of the process to its end; a bare Python for scale."""
    bare = Sample(tuple(_seconds([sys.executable, "-c", "pass"]) for _ in range(effort.repeats)))
    torch_free = "; import sys; sys.exit('torch' in sys.modules)"
    commands = {
        "import racecraft.sim": [sys.executable, "-c", f"import racecraft.sim{torch_free}"],
        "import racecraft.interfaces.cli.app, without torch": [
            sys.executable,
            "-c",
            f"import racecraft.interfaces.cli.app{torch_free}",
        ],
        "racecraft --help": [*RACECRAFT, "--help"],
        "import racecraft.training.ppo": [sys.executable, "-c", "import racecraft.training.ppo"],
        "gymnasium.make and the first picture": [sys.executable, "-c", FIRST_PICTURE],
    }
    rows = []
    for name, command in commands.items():
        _seconds(command)
        seconds = effort.sample(lambda command=command: _seconds(command))  # type: ignore[misc]
        rows.append(
            Row(
                name=name,
                value=seconds.median,
                unit="s",
                peer="Python that does nothing",
                peer_value=bare.median,
                note=f"{seconds}, from start to end of the process",
            )
        )
    return rows


def _seconds(command: list[str]) -> float:
    begin = time.perf_counter()
    subprocess.run(command, cwd=ROOT, env=child_environment(), capture_output=True, check=True)
    return time.perf_counter() - begin

"""The program in docs/how-to/stable-baselines3.md runs as it stands there, with smaller numbers."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

SMALL = {"TRAINING_STEPS": 64, "STEPS_PER_UPDATE": 64, "EVALUATION_STEPS": 20}


def test_the_program_on_the_page_trains_saves_and_drives(
    tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    root = request.config.rootpath
    page = (root / "docs" / "how-to" / "stable-baselines3.md").read_text("utf-8")
    programs = re.findall(r"```python\n(.*?)```", page, flags=re.DOTALL)
    assert len(programs) == 1
    program = programs[0]
    for name, number in SMALL.items():
        program, count = re.subn(rf"^{name} = [\d_]+$", f"{name} = {number}", program, flags=re.M)
        assert count == 1
    paths = f"import sys; sys.path.insert(0, {str(root)!r})\n"
    done = subprocess.run(
        [sys.executable, "-W", "error::UserWarning", "-c", paths + program],
        cwd=tmp_path,
        env={**os.environ, "OMP_NUM_THREADS": "1"},  # tests may share the processor's cores
        capture_output=True,
        text=True,
        timeout=240,
    )
    assert done.returncode == 0, done.stderr
    assert re.search(r"Best progress: \d+ % of a lap\.", done.stdout)
    assert "ep_rew_mean" in done.stdout or "total_timesteps" in done.stdout
    assert (tmp_path / "time-trial.zip").stat().st_size > 100_000

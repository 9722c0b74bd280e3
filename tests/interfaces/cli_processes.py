"""The command line in processes of its own, and words for a training that is over soon."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

SMALL = (
    "train", "--track", "pebble-oval", "--network", "LIGHT", "--num-epochs", "3",
    "--max-steps-per-iteration", "128", "--num-cars", "8", "--evaluation-trials", "1",
)  # fmt: skip


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    return {**os.environ, "RACECRAFT_HOME": str(tmp_path / "home")}


def start(environment: dict[str, str], *words: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-W", "error", "-m", "racecraft.interfaces.cli", *words],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=environment,
    )


def run(environment: dict[str, str], *words: str) -> tuple[int, Any, str]:
    """Exit code, the one JSON object on standard output, standard error."""
    process = start(environment, *words, "--json")
    output, errors = process.communicate()
    assert output.count("\n") == 1, output + errors
    return process.returncode, json.loads(output), errors

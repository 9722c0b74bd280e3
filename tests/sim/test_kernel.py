"""The disk cache of kernels notices changes that numba alone would not."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

PACKAGE = Path(__file__).parents[2] / "racecraft"


def cache_folder(copy: Path) -> Path:
    """Where a copy of the package keeps its kernels."""
    code = "from racecraft.sim.kernel import cache_folder; print(cache_folder())"
    environment = {**os.environ, "PYTHONPATH": str(copy)}
    environment.pop("NUMBA_CACHE_DIR", None)
    told = subprocess.run(
        [sys.executable, "-c", code],
        cwd=copy,
        env=environment,
        capture_output=True,
        text=True,
        check=True,
    )
    return Path(told.stdout.strip())


def test_a_changed_constant_of_the_domain_gets_a_new_folder_and_the_old_one_goes(
    tmp_path: Path,
) -> None:
    shutil.copytree(PACKAGE, tmp_path / "racecraft", ignore=shutil.ignore_patterns("__pycache__"))
    first = cache_folder(tmp_path)
    assert first.is_dir()
    assert cache_folder(tmp_path) == first
    source = tmp_path / "racecraft" / "domain" / "episode.py"
    source.write_text(source.read_text(encoding="utf-8") + "\nCHANGED = 1\n", encoding="utf-8")
    second = cache_folder(tmp_path)
    assert second != first
    assert second.is_dir()
    assert not first.exists()

"""The wheel holds everything, and a fresh environment with it trains, looks well, and goes again.

Needs no network: it is built with the setuptools that is here, and the packages that racecraft
needs are lent by this environment.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import sysconfig
import venv
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]


def call(*words: str | Path, cwd: Path = ROOT, **variables: str) -> str:
    done = subprocess.run(
        [str(word) for word in words],
        cwd=cwd,
        env={**os.environ, "PYTHONPATH": "", **variables},
        capture_output=True,
        text=True,
        timeout=600,
    )
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-2000:]
    return done.stdout


@pytest.fixture(scope="module")
def sources(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The files that are kept, and nothing that lies about beside them."""
    folder = tmp_path_factory.mktemp("sources")
    for name in kept_files():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / name, folder / name)
    return folder


def kept_files() -> Iterator[str]:
    listed = call("git", "ls-files", "--cached", "--others", "--exclude-standard", "-z")
    for name in filter(None, listed.split("\0")):
        if (ROOT / name).is_file() and not name.startswith(".venv"):
            yield name


@pytest.fixture(scope="module")
def wheel(sources: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    quiet = ("--no-deps", "--no-index", "--no-build-isolation", "--wheel-dir", folder)
    call(sys.executable, "-m", "pip", "wheel", *quiet, ".", cwd=sources)
    (made,) = folder.glob("*.whl")
    return made


@pytest.fixture(scope="module")
def program(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """`racecraft` in an environment of its own."""
    folder = tmp_path_factory.mktemp("environment")
    venv.create(folder, symlinks=True, with_pip=False)
    place = Path(sysconfig.get_path("purelib", "venv", {"base": str(folder)}))
    # A folder that is named so lends its packages, but not the racecraft that it points to.
    (place / "lent.pth").write_text(sysconfig.get_path("purelib") + "\n")
    pip = (sys.executable, "-m", "pip", "--python", folder / "bin" / "python")
    call(*pip, "install", "--no-deps", "--no-index", "--ignore-installed", wheel)
    return folder / "bin" / "racecraft"


def test_the_wheel_holds_every_file_of_the_package(wheel: Path, sources: Path) -> None:
    inside = {name for name in zipfile.ZipFile(wheel).namelist() if name.startswith("racecraft/")}
    wanted = {
        path.relative_to(sources).as_posix()
        for path in (sources / "racecraft").rglob("*")
        if path.is_file()
    }
    assert wanted - inside == set()
    assert inside - wanted == set()
    assert wheel.stat().st_size < 20_000_000


def test_a_fresh_environment_trains_a_car_from_the_wheel(program: Path, tmp_path: Path) -> None:
    home = {"RACECRAFT_HOME": str(tmp_path / "home")}
    where = "import racecraft; print(racecraft.__file__)"
    told = call(program.parent / "python", "-c", where, cwd=tmp_path)
    assert str(program.parent.parent) in told

    call(program, "quickstart", "--preset", "fast", "--name", "first", cwd=tmp_path, **home)

    left = {path.name for path in (tmp_path / "home" / "models" / "first").iterdir()}
    assert {"reward-graph.png", "driven-lines.png", "checkpoints", "model.json"} <= left
    health = json.loads(call(program, "doctor", "--json", cwd=tmp_path, **home).splitlines()[-1])
    assert health["healthy"], health
    assert {row["name"]: row["level"] for row in health["findings"]}["files"] == "ok"


def test_uninstalling_leaves_what_people_made_and_nothing_else(
    program: Path, tmp_path: Path
) -> None:
    home = tmp_path / "home"
    call(program, "tracks", "export", "pebble-oval", ".", cwd=tmp_path, RACECRAFT_HOME=str(home))
    mine = ("tracks", "import", "pebble-oval.npy", "--name", "mine")
    call(program, *mine, cwd=tmp_path, RACECRAFT_HOME=str(home))
    before = sorted(path.name for path in home.rglob("*"))

    python = program.parent / "python"
    call(sys.executable, "-m", "pip", "--python", python, "uninstall", "--yes", "racecraft")

    assert sorted(path.name for path in home.rglob("*")) == before
    assert not program.exists()
    left = {path for path in program.parent.parent.rglob("*racecraft*") if path.is_file()}
    assert left == set()

"""A home and a working folder in which the blocks of the pages run."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

from racecraft.interfaces.cli.app import run
from racecraft.service.samples import sample_folders
from racecraft.tracks.exchange import write_npy
from racecraft.tracks.library import load_track
from tests.docs.command_lines import Command, commands_of, racecraft_words
from tests.docs.pages import ROOT, Block

NAMES = ("my-first-model", "my-second-model", "my-model", "your-model", "red", "blue", *"abcd")
"""Models that pages speak of."""
SHORTER = {
    "train": (
        *("--steps", "256", "--num-cars", "8", "--max-steps-per-iteration", "128"),
        *("--evaluation-trials", "1", "--num-epochs", "3", "--network", "LIGHT"),
    ),
    "quickstart": ("--preset", "fast"),
    "evaluate": ("--trials", "1"),
}
"""What a block that is marked as shortened does less of; the last of two flags counts."""
REWARD = "def reward_function(params):\n    return params['progress'] + 0.1\n"
ACTIONS = '[{"steering_angle": -20, "speed": 0.7}, {"steering_angle": 20, "speed": 0.7}]'


def prepare(folder: Path, *, is_trained: bool) -> Path:
    """Models, rewards and tracks with the names that pages use.

    Args:
        folder: becomes the working folder; the home lies in it.
        is_trained: train a model (seconds), so that there are traces of a training; else take one
            that comes with racecraft.
    """
    folder.mkdir(exist_ok=True)
    (folder / "my_reward.py").write_text(REWARD)
    (folder / "reward_function.py").write_text(REWARD)
    (folder / "my-actions.json").write_text(ACTIONS)
    models = folder / "home" / "models"
    models.mkdir(parents=True)
    first = models / NAMES[0]
    if is_trained:
        call(Command(("racecraft", "train", "--name", NAMES[0])), folder, shorter=True)
        call(Command(("racecraft", "evaluate", NAMES[0])), folder, shorter=True)
    else:
        shutil.copytree(sample_folders()[0], first)
    for name in NAMES[1:] if is_trained else ():
        shutil.copytree(first, models / name)
    shutil.copy(first / "model" / "model_metadata.json", folder)
    for name in ("my_track", "oval"):
        write_npy(load_track("pebble-oval"), folder / f"{name}.npy")
    (folder / "home" / "tracks").mkdir()
    shutil.copy(folder / "oval.npy", folder / "home" / "tracks" / "my-carpet.npy")
    if is_trained:
        (folder / "Downloads").mkdir()
        archive = "Downloads/old-training.tar.gz"
        call(Command(("racecraft", "logs", NAMES[0], archive, "--shape", "droa")), folder)
        unpacked = folder / "MODEL"
        shutil.copytree(first, unpacked)
        (folder / "path" / "to").mkdir(parents=True)
        (folder / "path" / "to" / "model").symlink_to(unpacked)
    return folder


def run_block(block: Block, folder: Path) -> None:
    """Run a block in the folder; it must do without a fault."""
    if block.language == "python":
        _run_program(block, folder)
        return
    for command in commands_of(block.text):
        if command.words[0] != "source":
            call(command, folder, shorter=block.mark == "shortened", is_quick=not block.mark)


def call(command: Command, folder: Path, *, shorter: bool = False, is_quick: bool = False) -> None:
    """Run one command, within this process if it is quick."""
    words = racecraft_words(command)
    if words is None:
        assert command.words[0] == "python", f"{command.words} cannot be run; mark the block"
        line = [sys.executable, *command.words[1:]]
    else:
        if shorter:
            words += SHORTER.get(words[0], ())
        words = [word.replace("~", str(folder)) for word in words]
        line = [sys.executable, "-m", "racecraft.interfaces.cli", *words]
    told = {"RACECRAFT_HOME": str(folder / "home"), "HOME": str(folder), "PYTHONPATH": str(ROOT)}
    if is_quick and words is not None and not command.file:
        os.environ.update(told, **dict(command.variables))
        os.chdir(folder)
        assert run(words) == 0, words
        return
    done = subprocess.run(
        line,
        cwd=folder,
        env={**os.environ, **told, **dict(command.variables)},
        capture_output=True,
        text=True,
        timeout=540,
    )
    assert done.returncode == 0, f"{line}\n{done.stdout[-2000:]}\n{done.stderr[-2000:]}"
    if command.file:
        (folder / command.file).write_text(done.stdout)


def _run_program(block: Block, folder: Path) -> None:
    """Run a program, or have a reward function checked."""
    os.chdir(folder)
    if "def reward_function(" in block.text:
        file = folder / f"reward_{abs(hash(str(block)))}.py"
        file.write_text(block.text)
        call(Command(("racecraft", "reward", "check", file.name)), folder, is_quick=True)
        return
    exec(compile(block.text, str(block), "exec"), {"__name__": "__main__"})

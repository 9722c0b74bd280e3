"""A Jupyter notebook that analyses a model step by step, for people who want to go on from there.

The format is nbformat 4.5, which is plain JSON; no library is needed to write it.
"""

from __future__ import annotations

import hashlib
import json
from typing import Any

_START = """\
# Log analysis: {name}

What did the model learn, when, and what should change next? Run the cells one after the other
(Shift+Enter) and change them as you like. Every table is a pandas frame.

It needs racecraft and Jupyter (`pip install jupyter`) in one environment; the docs tell
under *Analysis* what the columns mean."""
_LOAD = """\
%matplotlib inline
from pathlib import Path

from racecraft.analysis.study.actions import driving_steps, late_steps
from racecraft.analysis.study.commands import study_of
from racecraft.analysis.study.comparison import compare_iterations
from racecraft.analysis.study.figures import charts, roads
from racecraft.analysis.study.parts import time_lost

found = study_of(Path({path}))
logs = found.logs
print(
    f"{{logs.name}} ({{logs.kind}}): {{len(logs.training):,}} steps of training, "
    f"{{len(found.episodes):,}} episodes, {{len(found.laps):,}} laps; "
    f"{{len(found.evaluation_episodes)}} evaluation episodes"
)"""
_FINDINGS = """\
for finding in found.findings:
    print(f"{finding.weight.value.upper()}: {finding.text}\\n    {finding.advice}\\n")"""
_LAST = """\
steps = logs.training if len(logs.training) else logs.evaluation
steps.groupby("episode_status", observed=True).size()"""
CELLS: tuple[tuple[str, str], ...] = (
    ("markdown", _START),
    ("code", _LOAD),
    (
        "markdown",
        "## What stands out\n\nRules of thumb, each with the number that was met. The rest of "
        "this notebook shows where they come from.",
    ),
    ("code", _FINDINGS),
    (
        "markdown",
        "## Reward and progress\n\nBoth should rise. Progress of 100 % is a lap. Where reward "
        "rises and progress does not, the reward pays for something else than driving.",
    ),
    ("code", "charts.progress_chart(found.iterations, found.episodes)"),
    (
        "markdown",
        "## Which iteration is the best?\n\nThat depends on what you want: laps for sure, or one "
        "fast lap. `racecraft models rank` lets every checkpoint drive.",
    ),
    ("code", "found.best"),
    ("code", 'compare_iterations(found, sorted(set(found.best["iteration"]))[:4])'),
    ("markdown", "## Lap times\n\nTraining laps explore, so they are slower than evaluations."),
    ("code", "charts.lap_chart(found.iterations, found.laps)"),
    ("code", "(found.evaluation_laps if len(found.evaluation_laps) else found.laps).head(10)"),
    (
        "markdown",
        "## Is the learning healthy?\n\nEntropy should fall slowly; a KL divergence of 0.01 to "
        "0.03 an update is usual; explained variance should be near 1.",
    ),
    ("code", "charts.learning_chart(found.iterations)"),
    (
        "markdown",
        "## Which actions are used?\n\nActions that are never taken slow the learning down: leave "
        "them out of the next model.",
    ),
    (
        "code",
        "late = driving_steps(late_steps(logs.training))\n"
        "charts.action_chart(found.actions) or charts.range_chart(late)",
    ),
    (
        "markdown",
        "## Does the reward pay for fast laps?\n\nThe dots should fall from the upper left to the "
        "lower right.",
    ),
    ("code", "charts.reward_chart(found.laps)"),
    ("markdown", "## Where do cars leave the track?"),
    ("code", "roads.exit_map(found.exits, found.road) if found.road else None"),
    (
        "markdown",
        "## Sectors and corners\n\n`lost` is what the median lap takes longer than the best: there "
        "is most to gain where it is high.",
    ),
    ("code", "found.parts"),
    (
        "markdown",
        "## Driven lines\n\nChange `measure` to `reward`, `steering_angle` or `action`.",
    ),
    (
        "code",
        'measure = "speed"\n'
        "frame = logs.evaluation if len(logs.evaluation) else logs.training\n"
        "laps = found.evaluation_laps if len(logs.evaluation) else found.laps\n"
        'best = laps["unique_episode"].head(5).tolist() or [frame["unique_episode"].max()]\n'
        'drives = [driving_steps(frame[frame["unique_episode"] == lap]) for lap in best]\n'
        'roads.drive_lines(drives, measure, found.road, f"The best laps by {measure}")',
    ),
    ("markdown", "## Where does the second best lap lose time?"),
    (
        "code",
        "if len(best) > 1 and found.road:\n"
        "    lost = time_lost(frame, best[1], best[0], found.road)\n"
        '    display(roads.drive_lines([lost], "losing", found.road, "Time lost"))',
    ),
    (
        "markdown",
        "## Your own questions\n\n`logs.training` and `logs.evaluation` hold every step.",
    ),
    ("code", _LAST),
)
"""Kind and text of each cell; `{name}` and `{path}` are filled in."""


def notebook_of(name: str, path: str) -> str:
    """The text of an `.ipynb` file.

    Args:
        name: of the model.
        path: of its folder or of an archive of its logs.
    """
    cells = [_cell(kind, _filled(text, name, path), place) for place, (kind, text) in _numbered()]
    document = {
        "cells": cells,
        "metadata": {
            "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
            "language_info": {"name": "python"},
        },
        "nbformat": 4,
        "nbformat_minor": 5,
    }
    return json.dumps(document, indent=1, ensure_ascii=False) + "\n"


def _numbered() -> list[tuple[int, tuple[str, str]]]:
    return list(enumerate(CELLS))


def _filled(text: str, name: str, path: str) -> str:
    """Only the first two cells have places to fill; the others have braces of their own."""
    if text is _START:
        return text.format(name=name)
    return text.format(path=json.dumps(path)) if text is _LOAD else text


def _cell(kind: str, text: str, place: int) -> dict[str, Any]:
    cell: dict[str, Any] = {
        "cell_type": kind,
        "id": hashlib.sha256(f"{place}{kind}".encode()).hexdigest()[:8],
        "metadata": {},
        "source": text.splitlines(keepends=True),
    }
    return cell if kind == "markdown" else {**cell, "execution_count": None, "outputs": []}

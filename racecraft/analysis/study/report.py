"""A study as files: tables as CSV, figures as PNG, and a page that explains them."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from racecraft.analysis.figures.look import save_png
from racecraft.analysis.study.actions import driving_steps, late_steps
from racecraft.analysis.study.comparison import compare_models
from racecraft.analysis.study.figures import charts, roads
from racecraft.analysis.study.road import on_main_track, time_lost
from racecraft.analysis.study.study import Study
from racecraft.domain.errors import StorageFailed

if TYPE_CHECKING:
    from matplotlib.figure import Figure

REPORT = "report.json"
PAGE = "report.md"
LINES = 10
"""Drives in a picture of lines."""


@dataclass(frozen=True)
class Chapter:
    """One figure with its table and what it means."""

    name: str
    """Of the files, without their endings."""
    title: str
    text: str
    """For beginners: what to look for."""
    table: pd.DataFrame
    draw: Callable[[], Figure | None]


def write_report(study: Study, folder: Path) -> list[Path]:
    """Write everything of a study.

    Args:
        study: of one model.
        folder: where to; files of the same names are replaced.

    Returns:
        The files, the page first.

    Raises:
        StorageFailed: a file cannot be written.
    """
    return _write(chapters_of(study), folder, _head(study))


def write_comparison(studies: Sequence[Study], folder: Path) -> list[Path]:
    """Write how several models compare; arguments and errors as of `write_report`."""
    named = [(each.logs.name, each.iterations) for each in studies]
    chapter = Chapter(
        "comparison",
        "Models side by side",
        "Compare the table's best_lap and evaluation_completion first: a fast lap that is rarely "
        "finished wins nothing. The chart shows how soon each model learnt.",
        compare_models(studies),
        lambda: charts.comparison_chart(named),
    )
    return _write([chapter], folder, {"model": " and ".join(name for name, _ in named)})


def chapters_of(study: Study) -> list[Chapter]:
    """The chapters of a report, without those for which there is no data."""
    made = [*_training(study), *_driving(study)]
    return [chapter for chapter in made if len(chapter.table)]


def _training(study: Study) -> list[Chapter]:
    iterations = study.iterations
    late = driving_steps(late_steps(study.logs.training))
    is_listed = len(study.actions) > 0
    return [
        Chapter(
            "iterations",
            "Reward and progress",
            "Each dot is an episode, the line their mean. Both should rise; progress of 100 % is a "
            "lap. Where reward rises and progress does not, the reward pays for something else.",
            iterations,
            lambda: charts.progress_chart(iterations, study.episodes),
        ),
        Chapter(
            "best",
            "Best iteration by several measures",
            "Which checkpoint to use depends on what you want: laps for sure, or one fast lap.",
            study.best,
            lambda: None,
        ),
        Chapter(
            "laps",
            "Lap times and completed laps",
            "Times of training laps, which explore; evaluations are faster and steadier.",
            study.laps,
            lambda: charts.lap_chart(iterations, study.laps),
        ),
        Chapter(
            "learning",
            "What learning says",
            "Entropy tells how much the policy still tries; it should fall slowly. KL tells how "
            "large the updates are; 0.01 to 0.03 is usual. Explained variance near 1 means that "
            "the value function foresees rewards well.",
            _told(iterations),
            lambda: charts.learning_chart(iterations),
        ),
        Chapter(
            "actions",
            "Actions",
            "Red actions are hardly ever taken: leave them out of the next model.",
            study.actions if is_listed else _spread(late),
            lambda: charts.action_chart(study.actions) if is_listed else charts.range_chart(late),
        ),
        Chapter(
            "reward",
            "Reward against lap time",
            "Fast laps should be paid more: the dots should fall from the upper left to the lower "
            "right. If they rise, your reward pays for slow laps.",
            study.laps[["unique_episode", "iteration", "time", "reward"]],
            lambda: charts.reward_chart(study.laps),
        ),
    ]


def _driving(study: Study) -> list[Chapter]:
    if study.road is None:
        return []
    road = study.road
    found = [
        Chapter(
            "exits",
            "Where cars fail",
            "The brighter a place, the more cars left the track or crashed there.",
            study.exits,
            lambda: roads.exit_map(study.exits, road),
        ),
        Chapter(
            "parts",
            "Sectors and corners",
            "`lost` is what the median lap takes longer than the best in that part: there is most "
            "to gain where it is high.",
            study.parts,
            lambda: charts.part_chart(study.parts),
        ),
    ]
    drives = _drives(study)
    for measure in ("speed", "reward", "steering_angle", "action"):
        if measure == "action" and study.actions.empty:
            continue
        found.append(_lines(study, drives, measure))
    return found + _lost(study)


_WORDS = {
    "speed": ("Driven lines by speed", "Slow into turns, fast out of them is the quick way round."),
    "reward": (
        "Driven lines by reward",
        "Bright places are paid well. They should be where good driving is, not where slow is.",
    ),
    "steering_angle": (
        "Driven lines by steering",
        "Colours that change back and forth on a straight are zigzag.",
    ),
    "action": ("Driven lines by action", "Which action of the list is taken where."),
}


def _lines(study: Study, drives: list[pd.DataFrame], measure: str) -> Chapter:
    title, text = _WORDS[measure]
    columns = ["unique_episode", "steps", "x", "y", measure]
    table = pd.concat(drives)[columns] if drives else pd.DataFrame(columns=columns)
    return Chapter(
        f"lines-{measure.replace('_', '-')}",
        title,
        text,
        table,
        lambda: roads.drive_lines(drives, measure, study.road, title),
    )


def _drives(study: Study) -> list[pd.DataFrame]:
    """The steps of the best drives: evaluations if there are any, fastest laps first."""
    if len(study.evaluation_episodes):
        frame, episodes = study.logs.evaluation, study.evaluation_episodes
    else:
        frame, episodes = study.logs.training, study.episodes
    is_there = episodes["track_len"].round(1) == round(study.road.length_m if study.road else 0, 1)
    chosen = episodes[is_there] if is_there.any() else episodes
    order = chosen.sort_values(["complete", "progress", "time"], ascending=[False, False, True])
    numbers = order["unique_episode"].head(LINES).tolist()
    return [_episode(frame, number) for number in numbers]


def _episode(frame: pd.DataFrame, number: int) -> pd.DataFrame:
    """The driven steps of an episode; rows of an episode lie together."""
    values = frame["unique_episode"].to_numpy()
    first, last = np.searchsorted(values, [number, number + 1])
    return driving_steps(frame.iloc[first:last])


def _lost(study: Study) -> list[Chapter]:
    """The other fast laps against the best one."""
    is_evaluated = len(study.evaluation_laps) > 1
    laps = study.evaluation_laps if is_evaluated else study.laps
    frame = study.logs.evaluation if is_evaluated else study.logs.training
    if len(laps) < 2 or study.road is None:
        return []
    there = on_main_track(frame)
    numbers = set(there["unique_episode"].unique().tolist())
    used = [int(n) for n in laps["unique_episode"].head(LINES) if int(n) in numbers]
    if len(used) < 2:
        return []
    best = _episode(frame, used[0])
    tables = [
        time_lost(pd.concat([_episode(frame, lap), best]), lap, used[0], study.road).assign(lap=lap)
        for lap in used[1:]
    ]
    return [
        Chapter(
            "time-lost",
            "Time lost against the best lap",
            "Red is where the other laps are slower than the best one, green where they are "
            "faster.",
            pd.concat(tables, ignore_index=True),
            lambda: roads.drive_lines(
                tables, "losing", study.road, "Time lost against the best lap"
            ),
        )
    ]


def _told(iterations: pd.DataFrame) -> pd.DataFrame:
    names = ("policy_loss", "value_loss", "entropy", "approx_kl", "explained_variance")
    known = [name for name in (*names, "clip_fraction", "alpha") if name in iterations]
    return iterations[["iteration", *known]] if known else pd.DataFrame()


def _spread(steps: pd.DataFrame) -> pd.DataFrame:
    if steps.empty:
        return pd.DataFrame()
    table = steps[["steering_angle", "speed"]].astype(np.float64).describe()
    return table.rename_axis("figure").reset_index()


def _head(study: Study) -> dict[str, Any]:
    logs = study.logs
    return {
        "model": logs.name,
        "kind": logs.kind,
        "track": logs.world,
        "training_steps": len(logs.training),
        "training_episodes": len(study.episodes),
        "iterations": len(study.iterations),
        "evaluation_steps": len(logs.evaluation),
        "findings": [asdict(finding) for finding in study.findings],
        "notes": list(logs.notes),
    }


def _write(chapters: Sequence[Chapter], folder: Path, head: dict[str, Any]) -> list[Path]:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        listed, files = [], []
        for chapter in chapters:
            table, picture = folder / f"{chapter.name}.csv", folder / f"{chapter.name}.png"
            chapter.table.to_csv(table, index=False, float_format="%.6g")
            figure = chapter.draw()
            if figure is not None:
                save_png(figure, picture)
            files += [table] if figure is None else [table, picture]
            listed.append(
                {
                    "name": chapter.name,
                    "title": chapter.title,
                    "text": chapter.text,
                    "table": table.name,
                    "picture": picture.name if figure is not None else None,
                    "head": _rows(chapter.table),
                }
            )
        page = folder / PAGE
        page.write_text(_page(head, listed), encoding="utf-8")
        data = {**head, "chapters": listed}
        (folder / REPORT).write_text(json.dumps(data, indent=1, default=str), encoding="utf-8")
    except OSError as error:
        raise StorageFailed(
            f"The report could not be written to {folder} ({error.strerror or error}); choose "
            "another folder."
        ) from error
    return [page, folder / REPORT, *files]


_SHOWN_ROWS = 30


def _rows(table: pd.DataFrame) -> dict[str, Any]:
    """The first rows of a table, for pages; a long one only by its CSV."""
    if len(table.columns) > 12 or len(table) > 2 * _SHOWN_ROWS:
        return {}
    rows = table.head(_SHOWN_ROWS)
    cells = [[_cell(value) for value in row] for row in rows.itertuples(index=False)]
    return {"columns": [str(name) for name in table.columns], "rows": cells}


def _cell(value: Any) -> str:
    if isinstance(value, float | np.floating):
        return "–" if np.isnan(value) else f"{value:.4g}"
    return str(value)


def _page(head: dict[str, Any], chapters: Sequence[dict[str, Any]]) -> str:
    lines = [f"# {head['model']}", ""]
    for finding in head.get("findings", ()):
        lines.append(f"* **{finding['weight']}**: {finding['text']} {finding['advice']}".rstrip())
    for chapter in chapters:
        lines += ["", f"## {chapter['title']}", "", chapter["text"], ""]
        if chapter["picture"]:
            lines += [f"![{chapter['title']}]({chapter['picture']})", ""]
        shown = chapter["head"]
        if shown:
            lines += [
                "| " + " | ".join(shown["columns"]) + " |",
                "|" + " --- |" * len(shown["columns"]),
                *("| " + " | ".join(row) + " |" for row in shown["rows"]),
                "",
            ]
        lines.append(f"All data: [{chapter['table']}]({chapter['table']})")
    return "\n".join(lines) + "\n"

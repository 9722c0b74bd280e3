"""`racecraft analyze`: what drives and trainings say, of one's models and of others' logs."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from racecraft.domain.errors import InvalidInput, InvalidSpec, NotFound
from racecraft.interfaces.cli.output import JSON_FLAG, say_files, say_json, say_table, settings_now
from racecraft.interfaces.cli.place import desk_now
from racecraft.service.logs.entries import Shape

if TYPE_CHECKING:
    from racecraft.analysis.study import Study

_MOST = 8


def analyze(
    sources: Annotated[
        list[str],
        typer.Argument(
            help="Model, or path of logs: a folder or archive of the console, of "
            "deepracer-for-cloud or of DeepRacer on AWS, a trace or a text log. MODEL@12 is its "
            "iteration 12, MODEL@20260131120000 its evaluation of that time. Several are compared.",
            metavar="MODEL[@PART]|PATH...",
        ),
    ],
    output: Path | None = typer.Option(
        None, "--output", "-o", help="Folder for the report; NAME-analysis if not given."
    ),
    is_json: bool = JSON_FLAG,
) -> None:
    """Analyse a training and its evaluations: tables, figures, and what they mean.

    Writes report.md with every figure (PNG) and every table (CSV), and prints the most important
    findings.
    """
    if len(sources) > _MOST:
        raise InvalidInput(f"{len(sources)} models are given; compare at most {_MOST} at once.")
    from racecraft.analysis.study.report import write_comparison, write_report

    with _studies(sources) as studies:
        folder = output or Path("-and-".join(each.logs.name for each in studies) + "-analysis")
        if len(studies) == 1:
            files = write_report(studies[0], folder)
        else:
            files = write_comparison(studies, folder)
        _say(studies, folder, files, is_json=is_json)


def _say(studies: Sequence[Study], folder: Path, files: Sequence[Path], *, is_json: bool) -> None:
    if is_json:
        say_json({"folder": str(folder), "models": [_facts(each) for each in studies]})
        return
    for each in studies:
        facts = _facts(each)
        typer.echo(
            f"{each.logs.name} ({each.logs.kind}): {facts['steps']:,} steps of training laps in "
            f"{facts['iterations']} iterations, {facts['episodes']:,} episodes, "
            f"{facts['laps']} of them laps; {facts['evaluation_episodes']} evaluation episodes."
        )
        if len(each.best):
            say_table(
                ("Best iteration by", "Iteration", "Value"),
                [
                    (row.measure, str(row.iteration), f"{row.value:.4g} {row.unit}".strip())
                    for row in each.best.itertuples()
                ],
            )
        for finding in each.findings:
            typer.echo(f"{finding.weight.value}: {finding.text}")
            if finding.advice:
                typer.echo(f"  {finding.advice}")
        for note in each.logs.notes:
            typer.echo(f"note: {note}", err=True)
    typer.echo(f"\nThe report is in {folder}:")
    say_files(files[:1])


def _facts(each: Study) -> dict[str, Any]:
    return {
        "model": each.logs.name,
        "kind": each.logs.kind,
        "track": each.logs.world,
        "steps": len(each.logs.training),
        "episodes": len(each.episodes),
        "iterations": len(each.iterations),
        "laps": len(each.laps),
        "evaluation_episodes": len(each.evaluation_episodes),
        "best": {row.measure: int(row.iteration) for row in each.best.itertuples()},
        "best_lap_s": float(each.laps["time"].min()) if len(each.laps) else None,
        "findings": [
            {"weight": f.weight.value, "topic": f.topic, "text": f.text, "advice": f.advice}
            for f in each.findings
        ],
    }


@contextmanager
def _studies(sources: Sequence[str]) -> Iterator[list[Study]]:
    from racecraft.analysis.study.commands import study_of

    tracks = settings_now().tracks
    with tempfile.TemporaryDirectory(prefix="racecraft-logs-") as room:
        found = []
        for index, source in enumerate(sources):
            whole, part = _parted(source)
            path, name = _path_of(whole, Path(room) / str(index))
            found.append(study_of(path, (tracks,), name, part))
        yield found


def _parted(source: str) -> tuple[str, str]:
    """A model or path, and the part of it that is meant."""
    whole, mark, part = source.rpartition("@")
    return (whole, part) if mark and whole and not Path(source).exists() else (source, "")


def _path_of(source: str, room: Path) -> tuple[Path, str | None]:
    """Where the logs of a source are, and the model's name; a model's are fetched."""
    path = Path(source)
    if "/" in source or path.suffix in (".zip", ".gz", ".tgz", ".tar", ".csv", ".log"):
        return path, None
    desk = desk_now()
    try:
        card = desk.models.card(source)
    except (NotFound, InvalidSpec):  # no model can have the name of some files
        if path.exists():
            return path, None
        raise
    if card.folder is not None:
        return card.folder, source
    room.mkdir()
    target = room / "logs.zip"
    desk.files.logs(source, target, Shape.DRFC)
    return target, source

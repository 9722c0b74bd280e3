"""A study as files: tables as CSV, figures as PNG, and a page that explains them."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from racecraft.analysis.figures.look import save_png
from racecraft.analysis.logs.part import parts_in
from racecraft.analysis.study.chapters import Chapter, chapters_of
from racecraft.analysis.study.several import compared, distinct
from racecraft.analysis.study.study import Study
from racecraft.domain.errors import StorageFailed

REPORT = "report.json"
PAGE = "report.md"


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
    """Write how several models compare, and below that the report of each.

    Arguments and errors are those of `write_report`.
    """
    studies = distinct(studies)
    chapters, findings = compared(studies)
    listed: list[dict[str, Any]] = []
    more: list[Path] = []
    for number, each in enumerate(studies, start=1):
        place = f"{number}-{_slug(each.logs.name)}"
        listed.append({"name": each.logs.name, "folder": place})
        more += write_report(each, folder / place)
        listed[-1]["report"] = json.loads((folder / place / REPORT).read_text(encoding="utf-8"))
    head = {
        "model": " and ".join(each.logs.name for each in studies),
        "models": listed,
        "findings": [asdict(finding) for finding in findings],
    }
    return _write(chapters, folder, head) + more


def _slug(name: str) -> str:
    """A name as that of a folder."""
    return re.sub(r"[^A-Za-z0-9]+", "-", name).strip("-")[:60]


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
        "parts": parts_in(logs),
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

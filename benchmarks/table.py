"""Rows of figures: how they are printed, kept in `results.json` and shown on the docs page.

`python -m benchmarks.table` prints what is kept; with `--write-docs` it also fills the table of
`docs/benchmarks.md`.
"""

from __future__ import annotations

import argparse
import json
import math
import os
import re
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, get_type_hints

ROOT = Path(__file__).parent.parent
RESULTS = Path(__file__).parent / "results.json"
PAGE = ROOT / "docs" / "benchmarks.md"
BEGIN, END = "<!-- results:begin -->", "<!-- results:end -->"
HEADINGS = ("name", "value", "unit", "target", "met", "peer", "peer value")
SENSES = (">=", "<=")


@dataclass(frozen=True, kw_only=True)
class Row:
    """One figure. Its name tells it from all others; measuring again replaces it."""

    name: str
    value: float | None
    """None when there was nothing to measure, for instance because every try failed."""
    unit: str
    target: float | None = None
    """In the same unit; it assumes a machine with AVX-512 and AMX bf16."""
    sense: str = ">="
    """`>=`: the value should be at least the target; `<=`: at most."""
    peer: str = ""
    """Something that does the same, with what it ran on when that was another machine."""
    peer_value: float | None = None
    note: str = ""
    """Spread, settings, and whatever else is needed to read the value."""
    machine: str = ""
    failures: int = 0
    """Repeats that did not reach what was to be timed; a row with any has not met its target."""

    @property
    def is_met(self) -> bool | None:
        """Whether the target is met; None without a target."""
        if self.target is None:
            return None
        if self.value is None or self.failures:
            return False
        return self.value >= self.target if self.sense == ">=" else self.value <= self.target


def number(value: float | None) -> str:
    """A number as people read it: 55,000 or 9.21 or 0.0123; a dash for none."""
    if value is None:
        return "–"
    if value == 0:
        return "0"
    if abs(value) >= 1000:
        return f"{value:,.0f}"
    digits = max(0, 2 - math.floor(math.log10(abs(value))))
    text = f"{value:.{digits}f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def cells(row: Row) -> tuple[str, ...]:
    """The texts of a row, in the order of `HEADINGS`."""
    target = "–" if row.target is None else f"{row.sense} {number(row.target)}"
    met = {True: "yes", False: "no", None: "–"}[row.is_met]
    value = number(row.value)
    if row.failures:
        value += f" ({row.failures} failed)"
    return row.name, value, row.unit, target, met, row.peer or "–", number(row.peer_value)


def table_text(rows: Sequence[Row]) -> str:
    """An aligned table for a terminal; each row's note stands below it."""
    lines = [HEADINGS, *map(cells, rows)]
    widths = [max(len(line[column]) for line in lines) for column in range(len(HEADINGS))]

    def joined(line: Sequence[str]) -> str:
        padded = (text.ljust(width) for text, width in zip(line, widths, strict=True))
        return "  ".join(padded).rstrip()

    text = [joined(HEADINGS), joined(["-" * width for width in widths])]
    for row, line in zip(rows, lines[1:], strict=True):
        text.append(joined(line))
        if row.note:
            text.append(f"    {row.note}")
    return "\n".join(text)


def markdown(rows: Sequence[Row]) -> str:
    """A table for the docs page, with the notes as a list behind it."""
    lines = [HEADINGS, tuple("---" for _ in HEADINGS), *map(cells, rows)]
    text = "".join(
        "| " + " | ".join(c.replace("|", "\\|") for c in line) + " |\n" for line in lines
    )
    # The load is different each time; one line a machine tells the largest.
    loads: dict[str, float] = {}
    for described in (row.machine for row in rows if row.machine):
        machine, _, load = described.partition(", load ")
        loads[machine] = max(loads.get(machine, 0.0), _number_or_zero(load))
    for machine, load in sorted(loads.items()):
        text += f"\nMeasured on: {machine}; load before measuring up to {load:.2f}\n"
    notes = "".join(f"- **{row.name}**: {row.note}\n" for row in rows if row.note)
    return f"{text}\n{notes}" if notes else text


def _number_or_zero(text: str) -> float:
    try:
        return float(text)
    except ValueError:  # it was not known
        return 0.0


def merged(old: Iterable[Row], new: Iterable[Row]) -> list[Row]:
    """Old rows in their order, replaced by new ones of the same name, then the rest of the new."""
    rows = {row.name: row for row in old}
    rows.update({row.name: row for row in new})
    return list(rows.values())


def read_results(path: Path = RESULTS) -> list[Row]:
    """Rows kept so far; none when there is no file.

    Raises:
        ValueError: the file holds something else than rows.
    """
    if not path.exists():
        return []
    rows = json.loads(path.read_text(encoding="utf-8"))
    if not isinstance(rows, list):
        raise ValueError(f"{path} holds no list of rows; move it away and measure again.")
    return [_row(path, each) for each in rows]


def write_results(rows: Iterable[Row], path: Path = RESULTS) -> None:
    """Keep rows as a JSON list of objects, whole or not at all."""
    text = json.dumps([asdict(row) for row in rows], indent=1, ensure_ascii=False, allow_nan=False)
    temporary = path.with_name(path.name + ".writing")
    temporary.write_text(text + "\n", encoding="utf-8")
    os.replace(temporary, path)


def keep(rows: Iterable[Row], machine: str, path: Path | None) -> None:
    """Merge rows measured on a machine into a results file; `path` None keeps nothing."""
    if path is not None:
        measured = [replace(row, machine=machine) for row in rows]
        write_results(merged(read_results(path), measured), path)


def _row(path: Path, values: Any) -> Row:
    hints = get_type_hints(Row)
    required = {"name", "value", "unit"}
    if not isinstance(values, dict) or not required <= values.keys() <= hints.keys():
        raise ValueError(
            f"A row of {path} is {values!r}; its fields must be among {', '.join(hints)}. "
            "Move the file away and measure again."
        )
    for name, value in values.items():
        # JSON writes 3.0 as 3.0 but people write 3.
        kind = hints[name] if hints[name] in (str, int) else float | int | None
        if not isinstance(value, kind):
            raise ValueError(
                f"The {name} of a row of {path} is {value!r}; move the file away and measure again."
            )
    row = Row(**values)
    if row.sense not in SENSES:
        raise ValueError(
            f"The sense of the row {row.name!r} of {path} is {row.sense!r}; "
            f"it must be {' or '.join(SENSES)}."
        )
    return row


def fill_page(text: str, rows: Sequence[Row]) -> str:
    """The text of the page with the table of these rows between its markers.

    Raises:
        ValueError: the page has no such place.
    """
    pattern = re.compile(f"{re.escape(BEGIN)}.*?{re.escape(END)}", re.DOTALL)
    if len(pattern.findall(text)) != 1:
        raise ValueError(f"The page must have one place between {BEGIN} and {END}.")
    return pattern.sub(lambda _: f"{BEGIN}\n\n{markdown(rows)}\n{END}", text)


def main() -> None:
    """Print what is kept, and write it to the docs page on demand."""
    parser = argparse.ArgumentParser(description="Show the results of the benchmarks.")
    parser.add_argument("--results", type=Path, default=RESULTS, help="file with the rows")
    parser.add_argument("--write-docs", action="store_true", help=f"fill {PAGE.name} with them")
    arguments = parser.parse_args()
    rows = read_results(arguments.results)
    if not rows:
        raise SystemExit(
            f"There are no results in {arguments.results}; run `make bench` and `make learn` first."
        )
    print(table_text(rows))
    if arguments.write_docs:
        PAGE.write_text(fill_page(PAGE.read_text(encoding="utf-8"), rows), encoding="utf-8")
        print(f"\nwrote docs/{PAGE.name}")


if __name__ == "__main__":
    main()

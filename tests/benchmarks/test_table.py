from __future__ import annotations

import json
from pathlib import Path

import pytest

from benchmarks.table import (
    BEGIN,
    END,
    PAGE,
    Row,
    fill_page,
    keep,
    markdown,
    merged,
    number,
    read_results,
    table_text,
    write_results,
)

FAST = Row(name="steps", value=61_234.5, unit="steps/s", target=55_000.0, note="1–2 in 5 repeats")
SLOW = Row(name="lap", value=2.345, unit="s", target=2.0, sense="<=", peer="them", peer_value=9.0)
PLAIN = Row(name="import", value=0.012345, unit="s")


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, "–"),
        (0, "0"),
        (55_000.0, "55,000"),
        (999.6, "1000"),
        (14.5, "14.5"),
        (2.0, "2"),
        (9.207, "9.21"),
        (0.012345, "0.0123"),
        (300.0, "300"),
    ],
)
def test_numbers_have_three_digits_that_matter(value: float | None, text: str) -> None:
    assert number(value) == text


def test_a_target_is_met_on_its_own_side_only() -> None:
    assert FAST.is_met is True
    assert SLOW.is_met is False
    assert PLAIN.is_met is None
    assert Row(name="n", value=2.0, unit="s", target=2.0, sense="<=").is_met is True


def test_a_row_with_a_failed_seed_or_no_value_has_not_met_its_target() -> None:
    assert Row(name="n", value=1.0, unit="s", target=2.0, sense="<=", failures=1).is_met is False
    assert Row(name="n", value=None, unit="s", target=2.0, sense="<=").is_met is False


def test_the_table_is_aligned_and_tells_the_notes() -> None:
    lines = table_text([FAST, SLOW, PLAIN]).splitlines()
    at = lines[0].index("unit")
    assert [line[at:].split()[0] for line in (lines[2], lines[4], lines[5])] == [
        "steps/s",
        "s",
        "s",
    ]
    assert lines[2].split() == ["steps", "61,234", "steps/s", ">=", "55,000", "yes", "–", "–"]
    assert lines[3].strip() == "1–2 in 5 repeats"
    assert "<= 2" in lines[4]
    assert "them" in lines[4]
    assert " no " in lines[4]


def test_the_markdown_table_has_as_many_cells_in_each_line() -> None:
    odd = Row(name="a | b", value=1.0, unit="s", machine="a laptop")
    table = [line for line in markdown([FAST, odd]).splitlines() if line.startswith("|")]
    assert {line.replace("\\|", "").count("|") for line in table} == {8}
    assert "Measured on: a laptop" in markdown([odd])


def test_measuring_again_replaces_a_row_in_its_place() -> None:
    again = Row(name="steps", value=1.0, unit="steps/s")
    new = Row(name="new", value=2.0, unit="s")
    assert merged([FAST, SLOW], [new, again]) == [again, SLOW, new]


def test_the_file_is_a_list_of_rows_with_all_their_fields(tmp_path: Path) -> None:
    path = tmp_path / "results.json"
    write_results([FAST, SLOW], path)
    written = json.loads(path.read_text(encoding="utf-8"))
    assert [row["name"] for row in written] == ["steps", "lap"]
    needed = {"name", "value", "unit", "target", "peer", "peer_value", "note", "machine"}
    assert all(needed <= row.keys() for row in written)
    assert read_results(path) == [FAST, SLOW]


def test_kept_rows_tell_the_machine_and_stay_beside_the_others(tmp_path: Path) -> None:
    path = tmp_path / "results.json"
    keep([FAST], "a laptop", path)
    keep([SLOW], "a server", path)
    keep([PLAIN], "nowhere", None)
    assert [(row.name, row.machine) for row in read_results(path)] == [
        ("steps", "a laptop"),
        ("lap", "a server"),
    ]


def test_without_a_file_there_are_no_rows(tmp_path: Path) -> None:
    assert read_results(tmp_path / "none.json") == []


@pytest.mark.parametrize(
    "text",
    [
        '{"name": "n"}',
        '[{"name": "n", "value": 1}]',
        '[{"name": "n", "value": "1", "unit": "s"}]',
        '[{"name": "n", "value": 1, "unit": "s", "colour": "red"}]',
        '[{"name": "n", "value": 1, "unit": "s", "sense": "="}]',
    ],
)
def test_a_file_with_something_else_is_refused(tmp_path: Path, text: str) -> None:
    path = tmp_path / "results.json"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ValueError, match=r"results\.json"):
        read_results(path)


def test_a_page_is_filled_between_its_markers_as_often_as_one_likes() -> None:
    page = f"# Top\n\n{BEGIN}\nold\n{END}\n\nEnd\n"
    filled = fill_page(page, [FAST])
    assert "old" not in filled
    assert "61,234" in filled
    assert filled.startswith("# Top\n")
    assert filled.endswith("\n\nEnd\n")
    assert fill_page(filled, [FAST]) == filled


def test_a_page_without_the_place_is_refused() -> None:
    with pytest.raises(ValueError, match="place"):
        fill_page("# Top\n", [FAST])


def test_the_docs_page_has_the_place() -> None:
    assert "61,234" in fill_page(PAGE.read_text(encoding="utf-8"), [FAST])

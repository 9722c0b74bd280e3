"""Ordinary ways to write a reward function, of which the reader has nothing bad to say."""

from pathlib import Path

import pytest

from racecraft.sandbox import rewards
from racecraft.sandbox.findings import Finding, Severity
from racecraft.sandbox.reading import read
from tests.sandbox.reading.python_styles import PYTHON_STYLES
from tests.sandbox.reading.reward_styles import REWARD_STYLES

STYLES = {**PYTHON_STYLES, **REWARD_STYLES}


def bad(findings: list[Finding]) -> list[Finding]:
    return [finding for finding in findings if finding.severity is not Severity.HINT]


@pytest.mark.parametrize("source", STYLES.values(), ids=STYLES)
def test_ordinary_styles_get_neither_error_nor_warning(source: str) -> None:
    assert bad(read(source)) == []


@pytest.mark.parametrize("source", STYLES.values(), ids=STYLES)
@pytest.mark.parametrize("end", ["\r\n", "\r"], ids=["windows", "old mac"])
def test_other_ends_of_lines_and_a_byte_order_mark_change_nothing(source: str, end: str) -> None:
    assert read("\ufeff" + source.replace("\n", end)) == read(source)


def test_tabs_are_as_good_as_spaces() -> None:
    source = STYLES["bands of the guide"].replace("    ", "\t")

    assert bad(read(source)) == []


@pytest.mark.parametrize(
    "file", sorted(Path(rewards.__path__[0]).glob("[!_]*.py")), ids=lambda file: file.stem
)
def test_the_examples_that_come_along_get_neither_error_nor_warning(file: Path) -> None:
    assert bad(read(file.read_text(encoding="utf-8"))) == []

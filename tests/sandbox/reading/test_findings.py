"""What all findings of the reader have in common."""

from racecraft.sandbox.reading import MAX_FINDINGS, read
from tests.sandbox.reading.functions import ERROR, function, said


def test_columns_count_characters_from_one() -> None:
    finding = said(function("größe = 'ééé'; x = undefined", "return x"), ERROR, 2, "undefined")

    assert finding.column == len("    größe = 'ééé'; x = ") + 1


def test_findings_come_in_the_order_of_lines_and_each_once() -> None:
    source = "import os\n" + function("a = b", "import sys", "c = d + d", "return params['e']")
    findings = read(source)

    assert [finding.line for finding in findings] == [1, 3, 4, 5, 6]
    assert len(findings) == len(set(findings))


def test_there_are_never_very_many_findings_and_errors_come_before_hints() -> None:
    lines = [f"x{i} = params['speeed{i}']" for i in range(200)]
    findings = read("n = 0\n" + function("global n", *lines, "return 1"))

    assert len(findings) == MAX_FINDINGS
    assert {finding.severity for finding in findings[:-1]} == {ERROR}
    assert "more to say" in findings[-1].message

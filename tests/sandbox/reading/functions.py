"""Reward functions to be read, and the one finding about them that is looked for."""

from racecraft.sandbox.findings import Finding, Severity
from racecraft.sandbox.reading import read

ERROR, WARNING, HINT = Severity.ERROR, Severity.WARNING, Severity.HINT

DEF = "def reward_function(params):\n"
ONE = f"{DEF}    return 1.0\n"


def function(*lines: str) -> str:
    """A reward function with these lines, the first of which is line 2."""
    return DEF + "".join(f"    {line}\n" for line in lines)


def said(source: str, severity: Severity, line: int | None, part: str) -> Finding:
    """The one finding at this line with this part in it; fails if there is none."""
    findings = read(source)
    fitting = [
        finding
        for finding in findings
        if (finding.severity, finding.line) == (severity, line) and part in finding.message
    ]
    assert len(fitting) == 1, "\n".join(map(str, findings))
    return fitting[0]

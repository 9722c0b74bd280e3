"""`racecraft doctor`: can this machine train, serve and show?"""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

import typer

from racecraft.interfaces.cli.output import JSON_FLAG, say_json, settings_now
from racecraft.interfaces.cli.place import stay_here
from racecraft.interfaces.cli.up import DEFAULT_PORT


def doctor(
    port: int = typer.Option(
        DEFAULT_PORT, min=1, max=65535, help="Port that the console is to listen at."
    ),
    is_json: bool = JSON_FLAG,
) -> None:
    """Look at this machine and tell what would get in the way, and what to do about it.

    Changes nothing and takes some seconds. The exit code is 1 when something has to be put right.
    """
    stay_here("doctor")
    from racecraft.service.doctor import Level, examine

    findings = examine(settings_now(), port)
    is_healthy = all(finding.level is not Level.BAD for finding in findings)
    if is_json:
        rows = [dataclasses.asdict(finding) for finding in findings]
        say_json({"healthy": is_healthy, "findings": rows})
    else:
        for finding in findings:
            advice = f" {finding.advice}" if finding.advice else ""
            typer.echo(f"{finding.level.value:<4}  {finding.name:<12} {finding.sentence}{advice}")
        typer.echo(_sum_up([finding.level for finding in findings]))
    if not is_healthy:
        raise typer.Exit(1)


def _sum_up(levels: Sequence[str]) -> str:
    bad, warned = levels.count("bad"), levels.count("warn")
    if bad:
        return f"{bad} of {len(levels)} have to be put right first (marked bad)."
    if warned:
        return f"racecraft works here; {warned} of {len(levels)} could be better (marked warn)."
    return "All is well."

"""`racecraft doctor`: can this machine train?"""

from __future__ import annotations

import dataclasses

import typer

from racecraft.interfaces.cli.output import JSON_FLAG, say_json, settings_now
from racecraft.interfaces.cli.place import stay_here
from racecraft.service.doctor import Level, examine


def doctor(is_json: bool = JSON_FLAG) -> None:
    """Look at this machine and tell what would get in the way of a training.

    The exit code is 1 when something has to be put right first.
    """
    stay_here("doctor")
    findings = examine(settings_now())
    is_healthy = all(finding.level is not Level.BAD for finding in findings)
    if is_json:
        rows = [dataclasses.asdict(finding) for finding in findings]
        say_json({"healthy": is_healthy, "findings": rows})
    else:
        for finding in findings:
            advice = f" {finding.advice}" if finding.advice else ""
            typer.echo(f"{finding.level.value:<4}  {finding.name:<13} {finding.sentence}{advice}")
    if not is_healthy:
        raise typer.Exit(1)

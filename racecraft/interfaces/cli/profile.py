"""`racecraft profile`: who you are on a service."""

from __future__ import annotations

from typing import Any

import typer

from racecraft.domain.errors import InvalidInput
from racecraft.interfaces.cli.output import JSON_FLAG, say_json, say_table
from racecraft.interfaces.cli.place import desk_now
from racecraft.service.jobs.quotas import Usage
from racecraft.service.people.person import Person

app = typer.Typer(help="Show and change your profile.", no_args_is_help=True)


@app.command()
def show(is_json: bool = JSON_FLAG) -> None:
    """Show your profile, and what you have used of your quotas."""
    records = desk_now().records
    facts, rows = _facts(records.me()), _rows(records.usage())
    if is_json:
        say_json(
            {**facts, "usage": {name: {"used": used, "limit": most} for name, used, most in rows}}
        )
        return
    lines = [(name, str(value)) for name, value in facts.items() if value not in ("", None)]
    lines += [
        (name, f"{used:g} " + ("without a limit" if most is None else f"of {most:g}"))
        for name, used, most in rows
    ]
    say_table(("", ""), lines)


@app.command("set")
def change(
    name: str | None = typer.Option(None, help="Racer name; can be chosen once."),
    country: str | None = typer.Option(None, help="Two letters, such as DE; empty for none."),
    email: str | None = typer.Option(None, help="E-mail address; empty for none."),
    is_json: bool = JSON_FLAG,
) -> None:
    """Change your profile."""
    given = {"name": name, "country": country, "email": email}
    changes = {field: value for field, value in given.items() if value is not None}
    if not changes:
        raise InvalidInput("Nothing is to change; give at least one of the flags.")
    person = desk_now().records.edit_profile(changes)
    if is_json:
        say_json(_facts(person))
    else:
        typer.echo(f"Changed the profile of {person.name}.")


def _facts(person: Person) -> dict[str, Any]:
    return {
        "name": person.name,
        "role": person.role.value,
        "country": person.country,
        "email": person.email,
    }


def _rows(usage: Usage) -> list[tuple[str, float, float | None]]:
    limits = usage.limits
    minutes = round(usage.used_minutes + usage.planned_minutes, 1)
    return [
        ("minutes this month", minutes, limits.minutes_per_month),
        ("models", usage.models, limits.models),
        ("jobs at a time", usage.jobs, limits.jobs),
        ("megabytes", round(usage.disk_mb, 1), limits.disk_mb),
    ]

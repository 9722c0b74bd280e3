"""`racecraft people`: who is on a service; for organisers and admins."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from racecraft.interfaces.cli.output import JSON_FLAG, say_json, say_table, time_text
from racecraft.interfaces.cli.place import desk_now
from racecraft.service.access import Role
from racecraft.service.people.person import Person

app = typer.Typer(
    help="Look for people, change their roles, lock them out; for organisers and admins.",
    no_args_is_help=True,
)
_NAME = typer.Argument(help="Racer name.")


@app.command("list")
def list_people(
    text: str = typer.Argument("", help="What the name must hold."), is_json: bool = JSON_FLAG
) -> None:
    """List people by name."""
    found = desk_now().records.people(text)
    if is_json:
        say_json({"people": [_facts(person) for person in found]})
        return
    say_table(
        ("Name", "Role", "Country", "Since", ""),
        [
            (
                person.name,
                person.role.value.lower(),
                person.country,
                time_text(person.created_at_s),
                "" if person.is_active else "locked out",
            )
            for person in found
        ],
    )


@app.command("role")
def set_role(
    name: str = _NAME,
    role: Annotated[Role, typer.Argument(case_sensitive=False, help="The new role.")] = Role.RACER,
    is_json: bool = JSON_FLAG,
) -> None:
    """Give somebody another role; for admins."""
    person = desk_now().records.set_role(name, role)
    _say(person, f"{person.name} is {person.role.value.lower()} now.", is_json=is_json)


@app.command()
def lock(name: str = _NAME, is_json: bool = JSON_FLAG) -> None:
    """Lock somebody out; what they have stays. For admins."""
    person = desk_now().records.set_active(name, is_active=False)
    _say(person, f"{person.name} is locked out.", is_json=is_json)


@app.command()
def unlock(name: str = _NAME, is_json: bool = JSON_FLAG) -> None:
    """Let somebody in again who was locked out; for admins."""
    person = desk_now().records.set_active(name, is_active=True)
    _say(person, f"{person.name} can sign in again.", is_json=is_json)


def _say(person: Person, sentence: str, *, is_json: bool) -> None:
    if is_json:
        say_json(_facts(person))
    else:
        typer.echo(sentence)


def _facts(person: Person) -> dict[str, Any]:
    fields = {"id", "name", "role", "is_active", "country", "created_at_s"}
    return person.model_dump(mode="json", include=fields)

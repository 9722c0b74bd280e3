"""`racecraft invitations`: letting people in; for organisers and admins."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from racecraft.interfaces.cli.output import JSON_FLAG, say_json, say_table, time_text
from racecraft.interfaces.cli.place import desk_now
from racecraft.service.access import Role
from racecraft.service.people.invitations import Invitation

app = typer.Typer(
    help="Make, list and revoke invitations; for organisers and admins.", no_args_is_help=True
)


@app.command("list")
def list_invitations(is_json: bool = JSON_FLAG) -> None:
    """List invitations, newest first."""
    found = desk_now().records.invitations()
    if is_json:
        say_json({"invitations": [_facts(invitation) for invitation in found]})
        return
    if not found:
        typer.echo("There are no invitations. Make one with `racecraft invitations make`.")
        return
    say_table(
        ("Code", "For", "Used", "Until", "Note"),
        [
            (
                invitation.code,
                invitation.role.value.lower(),
                f"{invitation.used} of {invitation.heads}",
                _until(invitation),
                invitation.note,
            )
            for invitation in found
        ],
    )


@app.command()
def make(
    heads: int = typer.Option(1, help="How many people it lets in."),
    hours: float | None = typer.Option(168.0, help="For how many hours; 0 for no end."),
    role: Annotated[
        Role, typer.Option(case_sensitive=False, help="What they become; admins decide others.")
    ] = Role.RACER,
    note: str = typer.Option("", help="What it is for."),
    is_json: bool = JSON_FLAG,
) -> None:
    """Make a code with which people can register."""
    made = desk_now().records.invite(role, heads, hours or None, note)
    if is_json:
        say_json(_facts(made))
    else:
        typer.echo(f"{made.code}   lets {made.heads} in, until {_until(made)}")
        typer.echo(f"It is typed under Register in the console, or opened as /register#{made.code}")


@app.command()
def revoke(
    code: str = typer.Argument(help="Code of the invitation."), is_json: bool = JSON_FLAG
) -> None:
    """Let nobody else in by an invitation."""
    desk_now().records.revoke_invitation(code)
    if is_json:
        say_json({"revoked": code})
    else:
        typer.echo(f"Revoked {code}.")


def _until(invitation: Invitation) -> str:
    return (
        "it is revoked" if invitation.expires_at_s is None else time_text(invitation.expires_at_s)
    )


def _facts(invitation: Invitation) -> dict[str, Any]:
    return invitation.model_dump(mode="json", exclude={"version"})

"""`racecraft workers`: the machines that run jobs of a service; for admins."""

from __future__ import annotations

import time

import typer

from racecraft.interfaces.cli.output import JSON_FLAG, say_json, say_table, time_text
from racecraft.interfaces.cli.place import desk_now

app = typer.Typer(
    help="Let machines run jobs, and see which there are; for admins.", no_args_is_help=True
)


@app.command("list")
def list_workers(is_json: bool = JSON_FLAG) -> None:
    """List the machines that gave a sign of life within a day."""
    found = desk_now().records.nodes()
    if is_json:
        say_json({"nodes": [node.model_dump(mode="json") for node in found]})
        return
    if not found:
        typer.echo("No machine runs jobs at the moment.")
        return
    now_s = time.time()
    say_table(
        ("Machine", "Slots", "Cores", "Version", "Token", "Seen"),
        [
            (
                node.id,
                str(node.facts.slots),
                str(node.facts.cores),
                node.facts.racecraft,
                node.token_name or "-",
                "now" if node.is_there(now_s) else time_text(node.seen_at_s),
            )
            for node in found
        ],
    )


@app.command()
def token(
    name: str = typer.Argument(help="To know it by, such as the name of the machine."),
    is_json: bool = JSON_FLAG,
) -> None:
    """Make a token with which machines get jobs (`racecraft worker`); it is shown this once."""
    made, secret = desk_now().records.make_worker_token(name)
    if is_json:
        say_json({"id": made.id, "name": made.name, "secret": secret})
    else:
        typer.echo(secret)


@app.command()
def tokens(is_json: bool = JSON_FLAG) -> None:
    """List the tokens of machines."""
    found = desk_now().records.worker_tokens()
    if is_json:
        say_json({"tokens": [each.model_dump(mode="json") for each in found]})
        return
    say_table(
        ("Name", "Made", "Id"),
        [(each.name, time_text(each.created_at_s), each.id[:12]) for each in found],
    )


@app.command()
def revoke(
    token_id: str = typer.Argument(metavar="ID", help="Id of the token, or how it begins."),
    is_json: bool = JSON_FLAG,
) -> None:
    """Give no more jobs to whoever shows a token; those that they have they may end."""
    revoked = desk_now().records.revoke_worker_token(token_id)
    if is_json:
        say_json({"revoked": revoked.id})
    else:
        typer.echo(f"Revoked the token {revoked.name!r}.")

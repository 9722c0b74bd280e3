"""`racecraft garage`: vehicles to make models with."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from racecraft.domain.errors import InvalidInput
from racecraft.domain.sensors import Sensor
from racecraft.domain.spec import Network
from racecraft.interfaces.cli.completion import vehicle_names
from racecraft.interfaces.cli.output import JSON_FLAG, say_json, say_table
from racecraft.interfaces.cli.place import desk_now
from racecraft.service.garage import Colour, Shell, Vehicle

app = typer.Typer(help="List, build, change and scrap vehicles.", no_args_is_help=True)
_NAME = typer.Argument(help="Name of the vehicle.", autocompletion=vehicle_names)
_Sensors = Annotated[
    list[Sensor] | None,
    typer.Option(
        "--sensor", case_sensitive=False, help="What it sees with; several times for two."
    ),
]
_Network = Annotated[
    Network | None, typer.Option(case_sensitive=False, help="Network of its models.")
]
_Shell = Annotated[Shell | None, typer.Option(case_sensitive=False, help="The body.")]
_Colour = Annotated[Colour | None, typer.Option(case_sensitive=False, help="The trim.")]


@app.command("list")
def list_vehicles(is_json: bool = JSON_FLAG) -> None:
    """List your vehicles, the built-in one last."""
    found = desk_now().records.vehicles()
    if is_json:
        say_json({"vehicles": [_facts(vehicle) for vehicle in found]})
        return
    say_table(
        ("Name", "Sensors", "Network", "Shell", "Colour"),
        [
            (v.name, ", ".join(v.sensors), v.network.value, v.shell.value, v.colour.value)
            for v in found
        ],
    )


@app.command()
def build(
    name: str = typer.Argument(help="Name of the new vehicle."),
    sensor: _Sensors = None,
    network: _Network = None,
    shell: _Shell = None,
    colour: _Colour = None,
    is_json: bool = JSON_FLAG,
) -> None:
    """Put a new vehicle into the garage."""
    fields = _fields(name=name, sensors=sensor, network=network, shell=shell, colour=colour)
    vehicle = desk_now().records.build_vehicle(fields)
    _say(vehicle, f"Built {vehicle.name}.", is_json=is_json)


@app.command()
def mod(
    name: str = _NAME,
    new_name: str | None = typer.Option(None, help="Another name."),
    sensor: _Sensors = None,
    network: _Network = None,
    shell: _Shell = None,
    colour: _Colour = None,
    is_json: bool = JSON_FLAG,
) -> None:
    """Change a vehicle; models made with it keep what they have."""
    changes = _fields(name=new_name, sensors=sensor, network=network, shell=shell, colour=colour)
    if not changes:
        raise InvalidInput("Nothing is to change; give at least one of the flags.")
    vehicle = desk_now().records.mod_vehicle(name, changes)
    _say(vehicle, f"Changed {vehicle.name}.", is_json=is_json)


@app.command()
def scrap(name: str = _NAME, is_json: bool = JSON_FLAG) -> None:
    """Delete a vehicle; models made with it keep what they have."""
    desk_now().records.scrap_vehicle(name)
    if is_json:
        say_json({"scrapped": name})
    else:
        typer.echo(f"Scrapped {name}.")


def _fields(**given: Any) -> dict[str, Any]:
    """Plain values of the flags that were given."""
    plain: dict[str, Any] = {}
    for name, value in given.items():
        if isinstance(value, list):
            plain |= {name: [each.value for each in value]} if value else {}
        elif value is not None:
            plain[name] = getattr(value, "value", value)
    return plain


def _say(vehicle: Vehicle, sentence: str, *, is_json: bool) -> None:
    if is_json:
        say_json(_facts(vehicle))
    else:
        typer.echo(sentence)


def _facts(vehicle: Vehicle) -> dict[str, Any]:
    return vehicle.model_dump(mode="json", exclude={"name_key", "owner_id", "version"})

"""The table of commands, and how every failure becomes a sentence and an exit code."""

from __future__ import annotations

import sys
from collections.abc import Sequence

import typer

from racecraft import __version__
from racecraft.domain.errors import InvalidInput, RacecraftError
from racecraft.interfaces.cli import (
    analyze,
    backup,
    doctor,
    evaluate,
    garage,
    invitations,
    jobs,
    login,
    logs,
    models,
    notebook,
    people,
    profile,
    quickstart,
    race,
    results,
    reward,
    sweep,
    tracks,
    train,
    up,
    worker,
    workers,
)
from racecraft.interfaces.cli.output import Interrupted, say_failure, settings_now
from racecraft.interfaces.cli.place import hoisted, leave, name_place
from racecraft.interfaces.exit_codes import EXIT_CODES, INTERRUPTED
from racecraft.service.files import storage_failed

app = typer.Typer(
    name="racecraft",
    help="Train, evaluate and race autonomous 1/18-scale cars on your own machine.\n\n"
    "Start with `racecraft quickstart`. Everything is kept in the folder RACECRAFT_HOME.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode="markdown",
    context_settings={"help_option_names": ["-h", "--help"]},
)
app.command(name="quickstart")(quickstart.quickstart)
app.command(name="train")(train.train)
app.command(name="evaluate")(evaluate.evaluate)
app.command(name="race")(race.race)
app.command(name="sweep")(sweep.sweep)
app.command(name="tune")(sweep.tune)
app.command(name="analyze")(analyze.analyze)
app.command(name="notebook")(notebook.notebook)
app.command(name="logs")(logs.logs)
app.add_typer(models.app, name="models")
app.add_typer(reward.app, name="reward")
app.add_typer(tracks.app, name="tracks")
app.add_typer(results.app, name="results")
app.add_typer(garage.app, name="garage")
app.add_typer(jobs.app, name="jobs")
app.add_typer(profile.app, name="profile")
app.add_typer(people.app, name="people")
app.add_typer(invitations.app, name="invitations")
app.command(name="login")(login.login)
app.command(name="logout")(login.logout)
app.command(name="up")(up.up)
app.command(name="worker")(worker.worker)
app.add_typer(workers.app, name="workers")
app.command(name="backup")(backup.backup)
app.command(name="restore")(backup.restore)
app.command(name="move-records")(backup.move_records)
app.command(name="doctor")(doctor.doctor)


def _say_version(is_wanted: bool) -> None:
    if is_wanted:
        typer.echo(f"racecraft {__version__}")
        raise typer.Exit


@app.callback()
def _root(
    version: bool = typer.Option(
        False, "--version", callback=_say_version, is_eager=True, help="Show the version and end."
    ),
    server: str | None = typer.Option(
        None,
        metavar="URL",
        help="Work on the racecraft server at this address instead of on this machine "
        "(RACECRAFT_SERVER); may stand behind the command too.",
        show_default=False,
    ),
    token: str | None = typer.Option(
        None,
        help="API token for the server (RACECRAFT_TOKEN); `racecraft login URL` keeps one.",
        show_default=False,
    ),
) -> None:
    """Options of `racecraft` itself."""
    name_place(server, token)


def run(arguments: Sequence[str] | None = None) -> int:
    """Run one command; errors that a person can meet are told in one sentence.

    Returns:
        The exit code; `racecraft.interfaces.exit_codes` has the table.
    """
    words = hoisted(sys.argv[1:] if arguments is None else arguments)
    is_json = "--json" in words
    try:
        code = app(args=words, prog_name="racecraft", standalone_mode=False)
    except typer.TyperException as error:
        return _wrong_usage(error, is_json=is_json)
    except Interrupted as interruption:
        say_failure(str(interruption), "Interrupted", is_json=is_json, facts=interruption.facts)
        return INTERRUPTED
    except typer.Abort:  # a question was answered with no
        say_failure("Stopped; nothing was changed.", "Interrupted", is_json=is_json)
        return INTERRUPTED
    except RacecraftError as error:
        say_failure(str(error), type(error).__name__, is_json=is_json)
        return EXIT_CODES[type(error)]
    except BrokenPipeError:
        sys.stdout = sys.stderr  # nobody reads the rest; do not complain at exit
        return 1
    except OSError as error:
        failure = storage_failed(error, settings_now().home)
        say_failure(str(failure), type(failure).__name__, is_json=is_json)
        return EXIT_CODES[type(failure)]
    finally:
        leave()
    if code == INTERRUPTED:
        say_failure("Interrupted; nothing was changed.", "Interrupted", is_json=is_json)
    return code if isinstance(code, int) else 0


def _wrong_usage(error: typer.TyperException, *, is_json: bool) -> int:
    """Faults that typer found in the flags; asking for nothing shows the help."""
    if type(error).__name__ == "NoArgsIsHelpError":
        typer.echo(error.format_message())
        return error.exit_code
    message = error.format_message().rstrip(".")
    say_failure(f"{message}; `--help` tells more.", InvalidInput.__name__, is_json=is_json)
    return EXIT_CODES[InvalidInput]

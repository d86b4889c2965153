"""The command line: one file for each command, listed in `registry`."""

from __future__ import annotations

import importlib
import os
from pathlib import Path
from typing import Any

import click
from django.core.exceptions import ImproperlyConfigured
from django.db.utils import OperationalError, ProgrammingError

from opencme import __version__
from opencme.cli.ready import ready_django
from opencme.cli.registry import COMMANDS
from opencme.cli.settings_file import SETTINGS_FILE, SettingsFileRefused, read_settings_file
from opencme.core.databases.errors import DatabaseBusy, StorageFailed, StorageFull


class CommandList(click.Group):
    """Lists commands without importing them, and readies Django only for those that need it."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002  click's signature
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        entry = COMMANDS.get(cmd_name)
        if entry is None:
            return None
        if entry.needs_django:
            ready_django()
        command: click.Command = importlib.import_module(f"opencme.cli.{entry.module}").command
        return command

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command; word what an operator can mend."""
        try:
            return super().invoke(ctx)
        except ImproperlyConfigured as trouble:
            raise click.ClickException(str(trouble)) from trouble
        except (StorageFull, StorageFailed, DatabaseBusy) as trouble:
            raise click.ClickException(str(trouble)) from trouble
        except (OperationalError, ProgrammingError) as trouble:
            message = (
                f"The database cannot be used: {str(trouble).strip()}.\n"
                "OPENCME_DATABASE_URL, or OPENCME_DATA_DIR for SQLite, says where it is;"
                " `opencme migrate` makes it or brings it up to date."
            )
            raise click.ClickException(message) from trouble

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002
        with formatter.section("Commands"):
            formatter.write_dl([(name, entry.summary) for name, entry in COMMANDS.items()])


def _take_settings(context: click.Context, _option: click.Parameter, path: Path | None) -> None:
    if path is None:
        return
    context.meta[SETTINGS_FILE] = path
    try:
        os.environ.update(read_settings_file(path))
    except SettingsFileRefused as refusal:
        raise click.ClickException(str(refusal)) from refusal


@click.group(cls=CommandList, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="opencme")
@click.option(
    "--settings",
    type=click.Path(dir_okay=False, path_type=Path),
    expose_value=False,
    is_eager=True,
    callback=_take_settings,
    help="A file with settings, as the server's service reads it; one NAME=value a line.",
)
def main() -> None:
    """OpenCME: accredited continuing medical education."""

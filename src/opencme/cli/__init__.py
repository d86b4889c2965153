"""The command line: one file for each command, listed in `registry`."""

from __future__ import annotations

import importlib
from typing import Any

import click
from django.core.exceptions import ImproperlyConfigured
from django.db.utils import OperationalError, ProgrammingError

from opencme import __version__
from opencme.cli.ready import ready_django
from opencme.cli.registry import COMMANDS


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


@click.group(cls=CommandList, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="opencme")
def main() -> None:
    """OpenCME: accredited continuing medical education."""

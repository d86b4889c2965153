"""The command line: one file for each command, listed in `registry`."""

from __future__ import annotations

import importlib

import click

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

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002
        with formatter.section("Commands"):
            formatter.write_dl([(name, entry.summary) for name, entry in COMMANDS.items()])


@click.group(cls=CommandList, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="opencme")
def main() -> None:
    """OpenCME: accredited continuing medical education."""

"""`opencme check`: what stands against a package, without an installation."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import click
from django.utils import timezone

from opencme.cli.remarks import count_line, print_remarks
from opencme.interchange.package.problems import PackageRefused
from opencme.interchange.package.read import read_package
from opencme.interchange.queries import check_alone
from opencme.interchange.report import Remark, as_json, remarks_of_problems, remarks_on

CLEAN, BLOCKED, UNREADABLE = 0, 1, 2


@click.command()
@click.argument("path", type=click.Path(path_type=Path))
@click.option("--json", "for_machines", is_flag=True, help="Print the findings as JSON.")
@click.pass_context
def command(context: click.Context, path: Path, *, for_machines: bool) -> None:
    """Say what stands against the package in PATH, by file and line.

    The exit status is 0 when nothing stands against publication, 1 when something does, 2 when the
    package cannot be read.
    """
    title, status, remarks = examine(path)
    if for_machines:
        click.echo(_json(path, title, status, remarks))
    else:
        click.secho(title or str(path), bold=True)
        print_remarks(remarks)
        click.echo()
        click.echo(f"{_VERDICTS[status]} {count_line(remarks).capitalize()}.")
    context.exit(status)


_VERDICTS = {
    CLEAN: "Nothing stands against publication.",
    BLOCKED: "Not ready for publication.",
    UNREADABLE: "Not a package that can be imported.",
}


def examine(path: Path) -> tuple[str, int, Sequence[Remark]]:
    """Return the title, the exit status and the remarks."""
    try:
        package = read_package(path)
    except PackageRefused as refused:
        return "", UNREADABLE, remarks_of_problems(refused.problems)
    checked = check_alone(package, at=timezone.now())
    return package.made.title, BLOCKED if checked.blocking else CLEAN, remarks_on(checked)


def _json(path: Path, title: str, status: int, remarks: Sequence[Remark]) -> str:
    verdict = {CLEAN: "clean", BLOCKED: "blocked", UNREADABLE: "unreadable"}[status]
    said = {"package": str(path), "title": title, "verdict": verdict, "findings": as_json(remarks)}
    return json.dumps(said, indent=2, ensure_ascii=False)

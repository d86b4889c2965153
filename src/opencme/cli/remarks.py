"""Remarks on a package as people read them in a terminal."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable

import click

from opencme.core.verdicts import Severity
from opencme.interchange.report import Remark

WIDTH = 96

_HEADINGS = {
    Severity.BLOCKS: ("Must be mended", "red"),
    Severity.WARNS: ("Should be looked at", "yellow"),
    Severity.NOTE: ("For your information", "cyan"),
}


def print_remarks(remarks: Iterable[Remark]) -> None:
    """Print the remarks grouped by weight, each with its code, place, sentence and source."""
    told = tuple(remarks)
    for severity, (heading, color) in _HEADINGS.items():
        group = [remark for remark in told if remark.severity is severity]
        if group:
            click.echo()
            click.secho(f"{heading} ({len(group)})", fg=color, bold=True)
            for before, remark in zip([None, *group], group, strict=False):
                _print_one(remark, with_source=before is None or before.source != remark.source)


def plain(text: str) -> str:
    """Return words of a package without what would steer the terminal: control and direction characters."""
    return "".join(sign if sign.isprintable() or sign == "\n" else f"\\x{ord(sign):02x}" for sign in text)


def count_line(remarks: Iterable[Remark]) -> str:
    """Return how much there is of each weight: "2 blocking, 1 warning, no notes"."""
    told = tuple(remarks)
    words = ((Severity.BLOCKS, "blocking", "blocking"), (Severity.WARNS, "warning", "warnings"))
    parts = []
    for severity, one, many in (*words, (Severity.NOTE, "note", "notes")):
        count = sum(1 for remark in told if remark.severity is severity)
        parts.append(f"{count or 'no'} {one if count == 1 else many}")
    return ", ".join(parts)


def _print_one(remark: Remark, *, with_source: bool) -> None:
    click.echo(
        f"  {click.style(f'{remark.code:<8}', bold=True)}{plain(remark.place)}  {plain(remark.key)}".rstrip()
    )
    for line in textwrap.wrap(plain(remark.sentence), WIDTH - 10):
        click.echo(f"{'':10}{line}")
    source = remark.source if with_source else ""
    for line in textwrap.wrap(source, WIDTH - 10, break_long_words=False, break_on_hyphens=False):
        click.secho(f"{'':10}{line}", dim=True)

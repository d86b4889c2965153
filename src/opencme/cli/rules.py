"""`opencme rules`: the rule book as a page."""

from __future__ import annotations

import click

from opencme.compliance.rules import RULES
from opencme.compliance.rules.documentation import rules_page


@click.command()
def command() -> None:
    """Write the rules as Markdown: code, weight, confidence and source of each."""
    click.echo(rules_page(RULES), nl=False)

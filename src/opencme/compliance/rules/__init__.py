"""The rules a document is checked against, one module per subject.

Adding a rule is a function in the module of its subject; a new subject is a line here.
"""

from . import (
    assessment,
    dates,
    designation,
    media,
    page,
    people,
    standing,
    statements,
    support,
    words,
)
from .registry import Found, Reach, Rule

__all__ = ["RULES", "Found", "Reach", "Rule"]

_SUBJECTS = (
    statements,
    standing,
    designation,
    dates,
    assessment,
    page,
    people,
    support,
    media,
    words,
)

RULES: tuple[Rule, ...] = tuple(
    sorted(
        {
            value.code: value
            for subject in _SUBJECTS
            for value in vars(subject).values()
            if isinstance(value, Rule)
        }.values(),
        key=lambda rule: rule.code,
    )
)
"""Every rule, by code."""

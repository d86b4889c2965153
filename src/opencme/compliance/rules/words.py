"""Words that a page must not use, and words that it must use in full."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import fields, is_dataclass, replace
from datetime import date
from typing import Any

from opencme.activities.document import ActivityDocument, Unit
from opencme.core.sentences import sentence as _
from opencme.providers.record import ProviderRecord

from .registry import Findings, Found, Reach, rule

_SENTENCE = re.compile(r"[^.!?]+[.!?]?")
_CREDIT = re.compile(r"\bAMA PRA\b|\bcategory 1\b|\bcredits?\b|\bCME\b", re.IGNORECASE)
_PENDING = re.compile(
    r"\b(credits?|CME)\b.{0,60}\b(applied for|pending)\b"
    r"|\b(pending|applied for|applying for|apply for)\b.{0,60}\b(credits?|CME)\b"
    r"|\bwill be applied\b",
    re.IGNORECASE,
)
_AAFP_PENDING = re.compile(
    r"application for CME credit has been filed with the American Academy of Family Physicians\.\s+"
    r"determination of credit is pending\.",
    re.IGNORECASE,
)
_AMA_PHRASE = re.compile(r"(\*|_)?AMA PRA Category 1 Credits?(\(s\))?(\*|_)?\s*(™|\(TM\))?(\(s\))?(\*|_)?")
_BARE_CATEGORY = re.compile(r"(?<!AMA PRA )(?<!AAPA )(?<!Specimen )\bCategory 1 credits?\b", re.IGNORECASE)
_ACCME_CREDIT = re.compile(r"\bACCME(?:-| )?(?:CME )?credits?\b", re.IGNORECASE)
_COMPLIANT = re.compile(r"\bcompliant\b", re.IGNORECASE)


def texts_of(value: Any, path: str = "") -> Iterator[tuple[str, str, bool]]:
    """Every text in a part of the document: its key path, itself, and whether it is Markdown."""
    if is_dataclass(value):
        for field in fields(value):
            where = f"{path}.{field.name}" if path else field.name
            part = getattr(value, field.name)
            if isinstance(part, str):
                yield where, part, "Markdown" in str(field.type)
            else:
                yield from texts_of(part, where)
    elif isinstance(value, tuple):
        for place, part in enumerate(value):
            if isinstance(part, str):
                yield f"{path}[{place}]", part, False
            else:
                yield from texts_of(part, f"{path}[{place}]")


def page_texts(document: ActivityDocument) -> Iterator[tuple[str, str, bool]]:
    """The texts of the public page: without items, vignettes and what the steps hold."""
    units = tuple(_outside(unit) for unit in document.units)
    yield from texts_of(replace(document, units=units, items=(), vignettes=(), past_live_statement=None))


def _paragraphs(text: str) -> Iterator[str]:
    """The paragraphs of a text, each on one line."""
    for paragraph in re.split(r"\n\s*\n", text):
        yield " ".join(paragraph.split())


def _outside(unit: Unit) -> Unit:
    return replace(unit, pre_test=None, recordings=(), readings=(), post_test=None)


@rule("CME041", reach=Reach.EVERY)
def credit_is_not_pending(document: ActivityDocument, provider: ProviderRecord, *, on: date) -> Findings:
    """AMA PRA: credit is designated or it is not; AAFP's own pending sentence is let through."""
    del provider, on
    for place, text, _is_markdown in page_texts(document):
        promises = tuple(_promises(text))
        if promises:
            message = _("“%(sentence)s” promises credit that is not designated.", sentence=promises[0])
            yield Found(message, place)


def _promises(text: str) -> Iterator[str]:
    for paragraph in _paragraphs(text):
        for sentence in _SENTENCE.findall(_AAFP_PENDING.sub("", paragraph)):
            if _PENDING.search(sentence) and _CREDIT.search(sentence):
                yield sentence.strip()


@rule("CME044", reach=Reach.EVERY)
def credit_phrase_is_written_in_full(
    document: ActivityDocument, provider: ProviderRecord, *, on: date
) -> Findings:
    """AMA PRA: the whole phrase, in italics, with its trademark sign; never "ACCME credit"."""
    del provider, on
    for place, written, is_markdown in page_texts(document):
        text = " ".join(written.split())
        if any(not _is_full(match, is_markdown=is_markdown) for match in _AMA_PHRASE.finditer(text)):
            form = "*AMA PRA Category 1 Credit*™" if is_markdown else "AMA PRA Category 1 Credit™"
            yield Found(_("Write the phrase as “%(form)s”.", form=form), place)
        elif _BARE_CATEGORY.search(text) or _ACCME_CREDIT.search(text):
            yield Found(_("Name the credit in full: “AMA PRA Category 1 Credit™”."), place)


def _is_full(match: re.Match[str], *, is_markdown: bool) -> bool:
    if "™" not in match[0]:
        return False
    return not is_markdown or (bool(match[1]) and bool(match[3] or match[6]))


@rule("CME074", reach=Reach.EVERY)
def related_topics_list_their_sections(
    document: ActivityDocument, provider: ProviderRecord, *, on: date
) -> Findings:
    """ACCME, REMS-related activities: the sections taught are listed; "compliant" is another claim."""
    del provider, on
    for place, tag in enumerate(document.related_to):
        if not tag.sections:
            yield Found(
                _("“%(tag)s” does not list the sections taught.", tag=tag.label),
                f"related_to[{place}].sections",
            )
    if document.related_to:
        for where, text, _is_markdown in page_texts(document):
            if _COMPLIANT.search(text):
                yield Found(_("The page must not say “compliant”; the activity is related only."), where)

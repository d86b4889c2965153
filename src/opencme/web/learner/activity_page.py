"""What the public page of an activity shows, gathered from its document.

The sections depend on the document and the provider alone, never on the date or the visitor, so
they are rendered once per process and kept under their digest. What depends on the day or the
person (the summary card, the panel of an activity no longer certified) is rendered each time.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.template.loader import render_to_string
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from opencme.activities.choices import FeeKind
from opencme.activities.document import ActivityDocument, PersonInRole
from opencme.activities.rules import claim_until
from opencme.core.markdown import render_markdown
from opencme.learning.rules import start_until
from opencme.providers import statements
from opencme.providers.record import ProviderRecord
from opencme.web.learner import wordings
from opencme.web.renderings import Renderings
from opencme.web.templatetags.wording import minutes, plain

OTHER_PROFESSION = "other"


@dataclass(frozen=True, slots=True)
class CreditForVisitor:
    """The credit that someone of a profession can earn; empty lines mean participation only."""

    profession: str
    name: str
    lines: tuple[wordings.CreditLine, ...]
    choices: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class FacultyMember:
    """A person of the faculty row with the address of the faculty page, where one exists."""

    person: PersonInRole
    href: str


def sections_context(
    document: ActivityDocument,
    provider: ProviderRecord,
    *,
    faculty_links: Mapping[str, str] | None = None,
) -> dict[str, Any]:
    """Everything that the sections of the page show."""
    links = faculty_links or {}
    first, rest = _first_paragraph(_cited(render_markdown(document.abstract), document))
    return {
        "document": document,
        "provider": provider,
        "zone": provider.time_zone_label,
        "faculty": [FacultyMember(person, links.get(person.key, "")) for person in document.faculty],
        "biographies": [person for person in document.faculty if person.biography],
        "objective_texts": objective_groups(document),
        "ledger": wordings.ledger(document),
        "ledger_total": wordings.ledger_total(document),
        "requirements": wordings.requirements(document),
        "disclosures": wordings.disclosure_paragraphs(document),
        "support": wordings.support_paragraphs(document),
        "type_name": wordings.TYPE_NAMES[document.activity_type],
        "fee": wordings.fee_text(document.fee),
        "fee_words": fee_words(document),
        "start_until": start_until(document.dates),
        "claim_until": claim_until(document.dates, window_days=provider.claim_window_days),
        "audience": [wordings.profession_name(key) for key in document.audience.professions],
        "abstract_first": first,
        "abstract_rest": rest,
        "technical": technical_text(document),
        "contents": contents(document),
    }


def head_context(document: ActivityDocument, provider: ProviderRecord) -> dict[str, Any]:
    """What stands above and beside the sections."""
    return {
        "document": document,
        "provider": provider,
        "zone": provider.time_zone_label,
        "type_name": wordings.TYPE_NAMES[document.activity_type],
        "fee": wordings.fee_text(document.fee),
        "fee_words": fee_words(document),
        "start_until": start_until(document.dates),
        "contents": contents(document),
    }


def description_of(document: ActivityDocument) -> str:
    """A sentence or two for search engines and shared links."""
    facts = [wordings.credit_line(one).text for one in document.designations]
    if not document.certified:
        facts.append(_("No credit"))
    if document.minutes:
        facts.insert(0, minutes(document.minutes))
    if document.fee.kind is not FeeKind.NOT_STATED:
        facts.append(wordings.fee_text(document.fee))
    lead = document.promise or plain(document.abstract)[:160] or document.title
    return f"{lead} {', '.join(facts)}."


def fee_words(document: ActivityDocument) -> str:
    """The fee inside a button: "free"; nothing where it is not stated."""
    if document.fee.kind is FeeKind.NOT_STATED:
        return ""
    words = wordings.fee_text(document.fee)
    return words.lower() if document.fee.kind is FeeKind.FREE else words


def rendered_sections(
    document: ActivityDocument,
    provider: ProviderRecord,
    *,
    digest: str,
    units: str,
    faculty_links: Mapping[str, str] | None = None,
    is_over: bool = False,
) -> SafeString:
    """The sections as HTML, kept under all that they show; `units`, which are a visitor's own, come in."""

    def render() -> SafeString:
        context = sections_context(document, provider, faculty_links=faculty_links)
        context |= {"is_over": is_over, "units": _PLACE_OF_UNITS}
        return render_to_string("learner/_activity_sections.html", context)

    links = tuple(sorted((faculty_links or {}).items()))
    sections = _SECTIONS.kept((digest, provider, links, is_over), render)
    return mark_safe(sections.replace(_PLACE_OF_UNITS, units, 1))  # noqa: S308  rendered by our own templates


_SECTIONS = Renderings()
_PLACE_OF_UNITS = mark_safe("<!-- units -->")


def objective_groups(document: ActivityDocument) -> list[str]:
    """The objectives of the activity in their order."""
    return [objective.text for objective in document.objectives]


def technical_text(document: ActivityDocument) -> str:
    """The technical requirements; "none" is a value, absence is said."""
    if document.technical_requirements is None:
        return _("Not stated.")
    return document.technical_requirements or _("None.")


def contents(document: ActivityDocument) -> list[tuple[str, str]]:
    """The small contents list of the desktop: anchor and words."""
    entries = [("objectives", document.objectives_label), ("earn", earn_heading(document))]
    if len(document.units) > 1:
        entries.insert(0, ("units", units_heading(document)))
    entries += [
        ("disclosures", _("Disclosures and support")),
        ("accreditation", _("Accreditation and credit") if document.certified else _("Dates and details")),
        ("audience", _("Audience")),
    ]
    if document.abstract:
        entries.append(("abstract", _("Abstract")))
    entries.append(("more", _("References, technical, contact")))
    return entries


def earn_heading(document: ActivityDocument) -> str:
    """What the list of steps is called."""
    return _("How to earn credit") if document.certified else _("How to take part")


def units_heading(document: ActivityDocument) -> str:
    """What the units are called; the document may say ("Three webcasts")."""
    return document.units_label or _("Parts")


def credit_for(document: ActivityDocument, chosen: str) -> CreditForVisitor:
    """The credit that a visitor of this profession can earn, and the professions to choose from.

    Nothing chosen means the profession that the first designation is made for.
    """
    lines = [wordings.credit_line(one) for one in document.designations]
    eligible = tuple(dict.fromkeys(key for line in lines for key in line.professions))
    named = tuple(dict.fromkeys((*eligible, *document.audience.professions, *_start_form_keys())))
    profession = chosen if chosen in {*named, OTHER_PROFESSION} else next(iter(eligible), "")
    earned = tuple(line for line in lines if not line.professions or profession in line.professions)
    choices = [(key, wordings.profession_name(key)) for key in named if key != OTHER_PROFESSION]
    choices.append((OTHER_PROFESSION, _("Other profession")))
    name = dict(choices).get(profession, "")
    return CreditForVisitor(profession, name, earned, tuple(choices))


def _start_form_keys() -> tuple[str, ...]:
    return tuple(row.key for row in statements.professions() if row.on_start_form)


_CITATION = re.compile(r" ?\[(\d{1,3})\]")


def _cited(html: str, document: ActivityDocument) -> str:
    """The text with "[2]" as a link to the second reference, where there is one."""

    def link(found: re.Match[str]) -> str:
        place = int(found[1])
        if not 0 < place <= len(document.references):
            return found[0]
        return f'<sup><a href="#ref-{document.references[place - 1].key}">{place}</a></sup>'

    return _CITATION.sub(link, html)


def _first_paragraph(html: str) -> tuple[SafeString, SafeString]:
    """The first lines of a text, and the rest that unfolds."""
    head, mark, rest = html.partition("</p>")
    return mark_safe(head + mark), mark_safe(rest.strip())  # noqa: S308  cleaned already

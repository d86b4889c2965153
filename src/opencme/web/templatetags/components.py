"""The components: small templates behind tags, every one in every state on the style page."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Sequence
from functools import lru_cache
from typing import Any

from django import template
from django.forms import BoundField, CheckboxInput, EmailInput, TextInput
from django.template.loader import render_to_string
from django.utils.html import escape, format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language

from opencme.providers.choices import Standing
from opencme.web import icons
from opencme.web.renderings import Renderings

register = template.Library()


@register.simple_tag(takes_context=True)
def is_specimen_page(context: template.Context) -> bool:
    """Whether the page carries the demonstration notice: the installation is one, or what it shows is.

    A provider of standing `demonstration` is marked wherever it appears; no setting lifts that.
    """
    if context.get("is_demonstration"):
        return True
    if getattr(context.get("provider"), "is_demonstration", False):
        return True
    participation = context.get("participation")
    if participation and participation.provider.standing == Standing.DEMONSTRATION:
        return True
    return bool(getattr(context.get("certificate"), "is_specimen", False))


@register.simple_tag
def icon(name: str) -> SafeString:
    """One drawn sign; a word stands beside it in the template."""
    return icons.icon(name)


@register.simple_tag
def motif(seed: object) -> SafeString:
    """A drawn thumbnail, the same for the same seed."""
    return icons.motif(str(seed))


@register.simple_tag
def script_words() -> SafeString:
    """The words of the scripts, rendered once for each language and process."""
    return _script_words(get_language() or "")


@lru_cache
def _script_words(language: str) -> SafeString:  # noqa: ARG001  the key under which it is kept
    return render_to_string("components/script_words.html")


@register.inclusion_tag("components/button.html")
def button(
    label: str, *, kind: str = "", icon: str = "", href: str = "", **attributes: Any
) -> dict[str, Any]:
    """A button, or a link that looks like one where `href` is given.

    `kind` is "primary" (one per screen), "text" or nothing. Other arguments become attributes,
    underscores as hyphens: `name="action" value="resend" data_keep="1"`.
    """
    shown = {name.replace("_", "-"): value for name, value in attributes.items() if value not in ("", None)}
    if not href:
        shown.setdefault("type", "submit")
    return {"label": label, "kind": kind, "icon": icon, "href": href, "attributes": shown}


_FIELDS = Renderings()
_BLANK = "\ue000"
"""Stands where the value goes; no form writes it."""


@register.simple_tag
def field(
    bound: BoundField,
    *,
    hint: str = "",
    label: str = "",
    css: str = "",
    marks_optional: bool = True,
) -> SafeString:
    """A form field with its label, hint and errors, wired by `aria-describedby`.

    An optional field says so, unless `marks_optional` is off (filters, where all are). One that
    nobody has sent looks the same to all but for its value, and is rendered once for each wording.
    """
    hint, label = hint or str(bound.help_text), label or str(bound.label)
    if bound.form.is_bound:
        return _field(bound, hint, label, css, marks_optional=marks_optional)
    made, value = bound.field, bound.value()
    if value and type(made.widget) not in {TextInput, EmailInput}:
        return _field(bound, hint, label, css, marks_optional=marks_optional)
    shown = bound
    if value:
        shown = BoundField(bound.form, made, bound.name)
        shown.initial = _BLANK
    form = type(bound.form)
    key: tuple[Hashable, ...] = (
        *(form.__module__, form.__qualname__, bound.html_name, bound.auto_id, repr(shown.value())),
        *(hint, label, css, marks_optional),
        *(made.required, made.disabled, tuple(made.widget.attrs.items())),
        tuple(map(str, getattr(made.widget, "choices", ()))),
    )
    html = _FIELDS.kept(key, lambda: _field(shown, hint, label, css, marks_optional=marks_optional))
    return mark_safe(html.replace(_BLANK, escape(value))) if value else html  # noqa: S308  escaped


def _field(bound: BoundField, hint: str, label: str, css: str, *, marks_optional: bool) -> SafeString:
    identifier = bound.id_for_label or bound.auto_id
    described = " ".join(
        part
        for part in (
            f"{identifier}-why" if bound.errors else "",
            f"{identifier}-hint" if hint else "",
        )
        if part
    )
    is_tick = isinstance(bound.field.widget, CheckboxInput)
    # A label stands above every field; a grey copy of it inside says nothing more.
    attributes: dict[str, Any] = {
        "placeholder": False,
        "class": f"{'tick' if is_tick else 'input'} {css}".strip(),
    }
    if described:
        attributes["aria-describedby"] = described
    if bound.errors:
        attributes["aria-invalid"] = "true"
    shown = {
        "bound": bound,
        "control": bound.as_widget(attrs=attributes),
        "identifier": identifier,
        "label": label,
        "hint": hint,
        "is_tick": is_tick,
        "optional": marks_optional and not bound.field.required and not is_tick,
    }
    return render_to_string("components/field.html", shown)


@register.inclusion_tag("components/form_errors.html")
def form_errors(form: Any) -> dict[str, Any]:
    """What is wrong with a form as a whole, above its fields; nothing where nothing is."""
    return {"errors": form.non_field_errors()}


@register.simple_block_tag
def panel(content: str, tone: str = "neutral", role: str = "", id: str = "") -> SafeString:  # noqa: A002
    """One message with an icon: `{% panel "needs" %}<p>…</p>{% endpanel %}`."""
    attributes = format_html(' role="{}"', role) if role else ""
    if id:
        attributes = format_html('{} id="{}" tabindex="-1"', attributes, id)
    return format_html(
        '<div class="panel is-{}"{}>{}{}</div>',
        tone,
        attributes,
        icons.icon(tone),
        mark_safe(content),  # noqa: S308  rendered by the template
    )


@register.simple_block_tag
def verdict(content: str, tone: str = "neutral") -> SafeString:
    """A verdict in one sentence: `{% verdict "earned" %}<h2><b>Valid.</b> …</h2>{% endverdict %}`."""
    return format_html(
        '<div class="verdict is-{}">{}{}</div>',
        tone,
        icons.icon(tone),
        mark_safe(content),  # noqa: S308  rendered by the template
    )


@register.simple_block_tag
def fold(content: str, summary: str, open: bool = False, id: str = "") -> SafeString:  # noqa: A002, FBT001, FBT002
    """A row that opens. Never for disclosures, support or statements."""
    identifier = format_html(' id="{}"', id) if id else ""
    return format_html(
        '<details class="fold"{}{}><summary>{}</summary>{}</details>',
        identifier,
        " open" if open else "",
        summary,
        mark_safe(content),  # noqa: S308  rendered by the template
    )


@register.simple_block_tag
def nothing_yet(content: str) -> SafeString:
    """What stands where nothing is yet: a sentence that says how it fills."""
    return format_html('<div class="empty">{}</div>', mark_safe(content))  # noqa: S308


@register.inclusion_tag("components/state.html")
def state(tone: str, text: str) -> dict[str, str]:
    """A state as icon and word."""
    return {"tone": tone, "text": text}


@register.inclusion_tag("components/saved.html")
def saved(kind: str = "", text: str = "", *, live: bool = False) -> dict[str, Any]:
    """The saved state as text; `kind` is saved, offline or sent. `live` makes it a live region."""
    return {"kind": kind, "text": text, "live": live}


@register.inclusion_tag("components/person.html")
def person(shown: Any, *, href: str = "", role: str = "") -> dict[str, Any]:
    """A person of an activity: photo or monogram, name with letters, first position."""
    return {"person": shown, "href": href, "role": role}


_STEPS = Renderings()
_SOMEWHERE = "about:step"


@register.simple_tag
def steps(entries: Iterable[Any], label: str = "") -> SafeString:
    """The path. Each entry has `title`, `note`, `state` (done, here, locked, open) and `href`."""
    named = format_html(' aria-label="{}"', label) if label else ""
    rows = mark_safe("".join(map(_step, entries)))  # noqa: S308  rendered by our own template
    return format_html('<ol class="steps" role="list"{}>\n{}</ol>', named, rows)


def _step(entry: Any) -> str:
    """One stop; whoever stands there with the same note sees the same but for the address."""
    href = _SOMEWHERE if entry.href else ""
    row = _STEPS.kept(
        (entry.title, entry.note, entry.state, bool(href)),
        lambda: render_to_string("components/step.html", {"entry": entry, "href": href}),
    )
    return row.replace(_SOMEWHERE, escape(entry.href), 1) if href else row


@register.inclusion_tag("components/ledger.html")
def ledger(entries: Sequence[Any], total: Any = None) -> dict[str, Any]:
    """Steps with their minutes. Each entry has `title`, `note` and `minutes`; so has the total."""
    return {"entries": entries, "total": total}


@register.inclusion_tag("components/option.html")
def option(
    text: str,
    *,
    name: str,
    value: str,
    kind: str = "radio",
    chosen: bool = False,
    **attributes: Any,
) -> dict[str, Any]:
    """One answer as a full-width row."""
    shown = {key.replace("_", "-"): given for key, given in attributes.items() if given not in ("", None)}
    return {
        "text": text,
        "name": name,
        "value": value,
        "kind": kind,
        "chosen": chosen,
        "attributes": shown,
    }


@register.inclusion_tag("components/scale.html")
def scale(
    legend: str,
    *,
    name: str,
    low: str = "",
    high: str = "",
    value: str = "",
    why: str = "",
    optional: bool = False,
) -> dict[str, Any]:
    """Five targets with words at both ends."""
    return {
        "legend": legend,
        "name": name,
        "low": low,
        "high": high,
        "value": str(value),
        "points": "12345",
        "why": why,
        "optional": optional,
    }


@register.inclusion_tag("components/marks.html")
def marks(right: int, count: int, needed: int | None = None, *, tone: str = "") -> dict[str, Any]:
    """A score as a row of marks with the pass mark under it."""
    width = 21
    bars = [{"x": place * 24, "is_right": place < right} for place in range(count)]
    return {
        "bars": bars,
        "width": width,
        "whole": max(count * 24, 240),
        "right": right,
        "count": count,
        "needed": needed,
        "needed_x": needed * 24 - 1.5 if needed else None,
        "tone": tone,
    }


@register.inclusion_tag("components/pagination.html", takes_context=True)
def pagination(context: template.Context, page: Any) -> dict[str, Any]:
    """Earlier and later pages of a list, keeping the rest of the query."""
    query = context["request"].GET.copy()
    query.pop("page", None)
    prefix = f"?{query.urlencode()}&page=" if query else "?page="
    return {"page": page, "prefix": prefix}

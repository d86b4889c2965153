"""How dates, times, amounts and texts are written: "22 Nov 2026", "6:10", "0.5", cleaned Markdown."""

from __future__ import annotations

import datetime as dt
import functools
import html
from decimal import Decimal
from zoneinfo import ZoneInfo

from django import template
from django.utils import formats
from django.utils.html import format_html, strip_tags
from django.utils.safestring import SafeString
from django.utils.translation import gettext, ngettext

from opencme.core.markdown import render_inline, render_markdown
from opencme.core.phrasing import phrased

register = template.Library()
register.filter("phrased", phrased)


@register.filter
def day(value: dt.date | None) -> str:
    """A date as "22 Nov 2026"; nothing for none."""
    return formats.date_format(value, "j b Y").title() if value else ""


@register.filter
def clock_time(value: dt.datetime, zone: str = "UTC") -> str:
    """An instant as "10:42" in a time zone."""
    return value.astimezone(ZoneInfo(zone)).strftime("%H:%M")


@register.filter
def local_day(value: dt.datetime, zone: str) -> dt.date:
    """The day of an instant in a time zone: the provider's, on its own pages."""
    return value.astimezone(ZoneInfo(zone)).date()


@register.simple_tag
def date_element(value: dt.date | None, zone: str = "") -> SafeString | str:
    """A `time` element, followed by the zone's label ("ET") in brackets where one is given."""
    if value is None:
        return ""
    element = format_html('<time datetime="{}">{}</time>', value.isoformat(), day(value))
    return format_html("{} ({})", element, zone) if zone else element


@register.filter
def clock(seconds: float) -> str:
    """A length as "6:10", or "1:02:05" from an hour on."""
    minutes, rest = divmod(int(seconds), 60)
    if minutes < 60:
        return f"{minutes}:{rest:02d}"
    return f"{minutes // 60}:{minutes % 60:02d}:{rest:02d}"


@register.filter
def minutes(value: int) -> str:
    """A time as "30 min", "2 h" or "1 h 30 min"."""
    hours, rest = divmod(int(value), 60)
    if not hours:
        return gettext("%(minutes)s min") % {"minutes": rest}
    if not rest:
        return gettext("%(hours)s h") % {"hours": hours}
    return gettext("%(hours)s h %(minutes)s min") % {"hours": hours, "minutes": rest}


@register.filter
def amount(value: Decimal | float) -> str:
    """An amount of credit without idle zeros: "0.5", "0.75", "1"."""
    text = f"{Decimal(value):.2f}".rstrip("0").rstrip(".")
    return text or "0"


@register.filter
def money(minor: int, currency: str) -> str:
    """Minor units with their currency: "USD 25", "EUR 12.50"."""
    whole, rest = divmod(minor, 100)
    return f"{currency} {whole}.{rest:02d}" if rest else f"{currency} {whole}"


@register.filter
def questions(count: int) -> str:
    """A number of questions: "1 question", "10 questions"."""
    return ngettext("%(count)s question", "%(count)s questions", count) % {"count": count}


@register.filter
def web_address(address: str) -> str:
    """The address where it is one of the web or of mail, else nothing: no other scheme is linked."""
    return address if address.startswith(("https://", "http://", "mailto:")) else ""


@register.filter
def prose(text: str) -> SafeString:
    """Markdown as cleaned HTML."""
    return render_markdown(text)


@register.filter
def inline(text: str) -> SafeString:
    """One line of Markdown as cleaned HTML, without a paragraph."""
    return render_inline(text)


@functools.lru_cache(maxsize=256)
def _plain(text: str) -> str:
    return " ".join(strip_tags(render_markdown(text)).split())


@register.filter
def plain(text: str) -> str:
    """Markdown as one line of text, for descriptions and file heads."""
    return html.unescape(_plain(text))

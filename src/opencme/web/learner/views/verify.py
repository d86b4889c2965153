"""Anyone may check a certificate by its code: one, or a pasted list."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from opencme.core.ids import read_code, spaced_code
from opencme.credit.choices import CertificateState
from opencme.credit.queries import Verification, verify_codes
from opencme.credit.wording import day_text, zone_label
from opencme.web.learner.views.errors import too_many
from opencme.web.limits import is_within_limit

MOST_CODES = 200
"""Codes in one pasted list."""

# A hospital's office may check a whole department from behind one address.
_CHECKS_PER_MINUTE = 600

_TONES = {
    CertificateState.VALID: "earned",
    CertificateState.CORRECTED: "earned",
    CertificateState.REVOKED: "refused",
    CertificateState.SPECIMEN: "neutral",
    CertificateState.NOT_FOUND: "needs",
}


@dataclass(frozen=True, slots=True)
class _Answer:
    """One code with its verdict, ready for the page."""

    one: Verification

    @property
    def spaced(self) -> str:
        return spaced_code(self.one.code)

    @property
    def length(self) -> int:
        return len(self.one.code)

    @property
    def zone(self) -> str:
        printed = self.one.printed
        return zone_label(printed.zone, printed.completed_on) if printed else ""

    @property
    def tone(self) -> str:
        return _TONES[self.one.state]

    @property
    def word(self) -> str:
        return {
            CertificateState.VALID: _("Valid"),
            CertificateState.CORRECTED: _("Valid, corrected"),
            CertificateState.REVOKED: _("Revoked"),
            CertificateState.SPECIMEN: _("Specimen"),
            CertificateState.NOT_FOUND: _("Not found"),
        }[self.one.state]

    @property
    def why(self) -> str:
        if self.one.length_is_off:
            return _("A code has 13 letters and digits; this one has %(count)s.") % {"count": self.length}
        if self.one.has_a_slip:
            return _("At least one character does not fit the others.")
        return _("No certificate has this code.")


@never_cache
@require_safe
def verify(request: HttpRequest) -> HttpResponse:
    """The form; one typed code leads to its own address, a pasted list is answered here."""
    typed = read_code(request.GET.get("code", ""))[:40]
    if typed:
        return redirect("verify_code", typed)
    pasted = request.GET.get("codes", "")
    # Codes are often written in groups, so a space does not end one.
    codes = [code for code in (read_code(part)[:40] for part in re.split(r"[\r\n,;]+", pasted)) if code]
    if not codes:
        return render(request, "learner/verify.html")
    if not is_within_limit(request, "verify-list", limit=_CHECKS_PER_MINUTE // 10, seconds=60):
        return too_many(request)
    asked = list(dict.fromkeys(codes))
    answers = [_Answer(one) for one in verify_codes(asked[:MOST_CODES])]
    page = {
        "table": answers,
        "pasted": pasted,
        "is_list": True,
        "checked": _checked(timezone.now()),
        "too_many_codes": len(asked) > MOST_CODES,
        "most": MOST_CODES,
    }
    return render(request, "learner/verify.html", page)


@never_cache
@require_safe
def verify_code(request: HttpRequest, code: str) -> HttpResponse:
    """The verdict on one code; its address is what QR codes carry."""
    plain = read_code(code)[:40]
    if not plain:
        return redirect("verify")
    if plain != code:
        return redirect("verify_code", plain)
    if not is_within_limit(request, "verify", limit=_CHECKS_PER_MINUTE, seconds=60):
        return too_many(request)
    answer = _Answer(verify_codes([plain])[0])
    page = {
        "results": [answer],
        "shown_code": answer.spaced,
        "checked": _checked(timezone.now()),
    }
    missing = answer.one.state is CertificateState.NOT_FOUND
    return render(request, "learner/verify.html", page, status=404 if missing else 200)


def _checked(at: datetime) -> str:
    return _("Checked %(day)s, %(time)s (UTC).") % {"day": day_text(at.date()), "time": f"{at:%H:%M}"}

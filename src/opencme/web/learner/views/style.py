"""The style page: every component in every state, on paper and at night."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

from django import forms
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _

from opencme.activities.choices import Role
from opencme.activities.document import PersonInRole, Position, Vignette
from opencme.web.icons import PATHS
from opencme.web.learner.content_page import ChapterLine
from opencme.web.learner.forms.fields import AddressField
from opencme.web.learner.public import public_page
from opencme.web.learner.wordings import LedgerEntry

SWATCHES = (
    "paper",
    "paper-2",
    "ink",
    "ink-2",
    "line",
    "line-2",
    "accent",
    "accent-2",
    "accent-tint",
    "on-accent",
    "earned",
    "earned-tint",
    "needs",
    "needs-tint",
    "refused",
    "refused-tint",
)


class SpecimenForm(forms.Form):
    """Fields for the style page."""

    email = AddressField(label=_("E-mail"), help_text=_("The code goes there"))
    profession = forms.ChoiceField(
        label=_("Profession"),
        choices=[("", _("Choose one")), ("physician", _("Physician"))],
        error_messages={"required": _("Credit depends on the profession. Choose the nearest one.")},
    )
    letters = forms.CharField(label=_("Degree"), required=False, help_text=_("as in MD, MPH"))
    text = forms.CharField(
        label=_("What did you notice?"),
        error_messages={"required": _("A sentence is enough, but we need one.")},
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    shared = forms.BooleanField(
        label=_("Not your computer? Sign me out when the window closes."), required=False
    )


@public_page
def style(request: HttpRequest) -> HttpResponse:
    """All components, light and dark side by side."""
    themes = [_theme(name) for name in ("light", "dark")]
    context = {
        "themes": themes,
        "icons": list(PATHS),
        "swatches": SWATCHES,
        "page": Paginator(range(3), 1).page(2),
    }
    return render(request, "style.html", context)


def _theme(name: str) -> dict[str, Any]:
    wrong = SpecimenForm(
        {f"{name}w-email": "j@hospital", f"{name}w-profession": "", f"{name}w-text": ""},
        auto_id=f"{name}-wrong-%s",
        prefix=f"{name}w",
    )
    return {
        "name": name,
        "form": SpecimenForm(auto_id=f"{name}-%s", prefix=name),
        "wrong": wrong,
        "ledger": (
            LedgerEntry("Pre-test", "5 questions, not graded", 5),
            LedgerEntry(
                "Recording and reading", "7:39 of the 9:00 played, or the transcript read instead", 15
            ),
            LedgerEntry("Post-test", "10 questions, 7 of 10 passes, unlimited attempts", 10),
            LedgerEntry("Evaluation", "9 questions, not counted"),
        ),
        "total": LedgerEntry("30 min make 0.5 Specimen Category 1 Credit", "", 30),
        "steps": (
            SimpleNamespace(title="Pre-test", note="sent 10:46", state="done", href="#"),
            SimpleNamespace(
                title="Recording and reading", note="6:14 of 9:00 played", state="here", href="#"
            ),
            SimpleNamespace(
                title="Post-test", note="opens after 1:25 more of the recording", state="locked", href=""
            ),
        ),
        "chapters": (
            ChapterLine("Why now", 0, 62_000, "played", "#components", is_done=True),
            ChapterLine("What the trials show", 62_000, 142_000, "0:24 of 1:20 played", "#components"),
            ChapterLine("A plan with honest numbers", 142_000, 540_000, "not yet", "#components"),
        ),
        "person": PersonInRole(
            key="imogen-sample",
            name="Imogen Sample",
            letters="MD",
            roles=(Role.FACULTY,),
            positions=(Position(title="Internal medicine", institution="Specimen Institute"),),
        ),
        "vignette": Vignette(
            key="case",
            title="The patient",
            text="A woman of 52 packs parcels on rotating shifts and lives alone.",
        ),
        "totals": (
            SimpleNamespace(amount="4.5", title="Example Contact Hours", note="reported by you"),
            SimpleNamespace(
                amount="0", title="Specimen Category 1 Credit", note="0.5 on a specimen, which counts 0"
            ),
        ),
    }

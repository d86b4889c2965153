"""The form to report bias, an error or a problem."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from opencme.web.learner.forms.fields import AddressField

KINDS = (
    ("bias", _("Commercial bias, or something not balanced")),
    ("error", _("Something that is wrong")),
    ("technical", _("Something that does not work")),
    ("access", _("Something I cannot see, hear or use")),
    ("other", _("Something else")),
)


class ProblemForm(forms.Form):
    """What it is, in own words, and where to answer, if the reporter wants an answer."""

    kind = forms.ChoiceField(
        label=_("What is it about?"),
        choices=(("", _("Choose one")), *KINDS),
        error_messages={"required": _("Choose the nearest one; it decides who reads it.")},
    )
    text = forms.CharField(
        label=_("What did you notice?"),
        max_length=5000,
        help_text=_(
            "Say where: a minute of the recording, a question, a paragraph. No patient information, please."
        ),
        error_messages={"required": _("A sentence is enough, but we need one.")},
        widget=forms.Textarea(attrs={"rows": 6}),
    )
    reply_to = AddressField(
        label=_("Where may we answer?"),
        required=False,
        help_text=_("Only if you want an answer. It is used for nothing else."),
    )
    # Left empty by people, who do not see it; filled by programs that fill everything.
    website = forms.CharField(required=False, max_length=200, widget=forms.HiddenInput)

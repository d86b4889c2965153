"""Fields of a form as they are drawn: empty ones once for all, filled ones each for itself."""

from django import forms
from django.template import Context, Template


class Form(forms.Form):
    name = forms.CharField(label="Name", help_text="As on the certificate")
    letters = forms.CharField(label="Degree", required=False)
    kind = forms.ChoiceField(label="Kind", choices=[("a", "First")], required=False)


def drawn(form, field="name", arguments=""):
    words = "{% load components %}{% field form." + field + " " + arguments + " %}"
    return Template(words).render(Context({"form": form}))


def test_an_empty_field_looks_the_same_to_all():
    assert drawn(Form()) == drawn(Form())
    assert "optional" not in drawn(Form())
    assert "optional" in drawn(Form(), "letters")


def test_what_somebody_filled_in_is_shown_to_nobody_else():
    assert "Ada" in drawn(Form({"name": "Ada"}))
    assert "Bea" in drawn(Form(initial={"name": "Bea"}))
    assert "Ada" not in drawn(Form())
    assert "Bea" not in drawn(Form())


def test_a_known_value_is_written_as_django_writes_it():
    for value in ("Bea", 'B"><script>', "O'Hara & Søn <3>", "  spaces ", "\u200fעדה", 7):
        form = Form(initial={"name": value})
        alone = form["name"].as_widget(
            attrs={"placeholder": False, "class": "input", "aria-describedby": "id_name-hint"}
        )
        assert alone in drawn(form)
        assert alone in drawn(Form(initial={"name": value}))


def test_nothing_and_nought_are_told_apart():
    assert 'value="' not in drawn(Form(), "letters")
    assert 'value="0"' in drawn(Form(initial={"letters": 0}), "letters")


def test_what_is_wrong_is_shown_where_it_is_wrong():
    form = Form({"name": ""})
    form.is_valid()
    assert 'aria-invalid="true"' in drawn(form)
    assert "aria-invalid" not in drawn(Form())


def test_other_words_make_another_field():
    assert "Your name" in drawn(Form(), arguments='label="Your name"')
    assert "Your name" not in drawn(Form())
    assert "as mailed" in drawn(Form(), arguments='hint="as mailed"')
    assert "input--code" in drawn(Form(), arguments='css="input--code"')
    assert "input--code" not in drawn(Form())


def test_a_change_of_the_field_itself_is_seen():
    changed = Form()
    changed.fields["name"].widget.attrs["autofocus"] = True
    assert "autofocus" in drawn(changed)
    assert "autofocus" not in drawn(Form())
    wider = Form()
    wider.fields["kind"].choices = [("a", "First"), ("b", "Second")]
    assert "Second" in drawn(wider, "kind")
    assert "Second" not in drawn(Form(), "kind")


def test_forms_with_a_prefix_are_told_apart():
    assert 'name="one-name"' in drawn(Form(prefix="one"))
    assert 'name="two-name"' in drawn(Form(prefix="two"))

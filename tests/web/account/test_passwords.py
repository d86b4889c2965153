"""Passwords are taken exactly as they are typed, and masked."""

import pytest
from allauth.account.forms import ChangePasswordForm, LoginForm, ResetPasswordKeyForm, SetPasswordForm
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError

from opencme.people.models import User
from opencme.web.learner.forms.account import ClosingForm

FORMS = [LoginForm, ChangePasswordForm, SetPasswordForm, ResetPasswordKeyForm, ClosingForm]


@pytest.mark.parametrize("form", FORMS)
def test_no_field_changes_a_password_or_shows_it(form):
    fields = [field for name, field in form.base_fields.items() if "password" in name]
    assert fields
    assert {field.strip for field in fields} == {False}
    assert {field.widget.input_type for field in fields} == {"password"}


@pytest.mark.parametrize("password", ["correct horse battery", "ÆØÅ ΑΒΓ 北京 x", "x" * 128])
def test_any_characters_will_do(password):
    user = User(name="Jordan", email="jordan@hospital.example")
    validate_password(password, user)
    user.set_password(password)
    assert user.check_password(password)
    assert not user.check_password(f"{password} ")


@pytest.mark.parametrize("password", ["short", "password1", "jordan@hospital.example"])
def test_short_common_and_own_ones_are_refused(password):
    with pytest.raises(ValidationError):
        validate_password(password, User(name="Jordan", email="jordan@hospital.example"))

"""`{% kept %}` renders a part once for each set of values."""

from itertools import count

import pytest
from django.template import Context, Template, TemplateSyntaxError
from django.utils import translation

from opencme.web.renderings import Renderings

LOADED = "{% load keeping i18n %}"


def rendered(template, **values):
    return template.render(Context(values))


def test_the_part_is_rendered_once_for_each_set_of_values():
    calls = count(1)
    template = Template(LOADED + "{% kept a b.c %}{{ a }}{{ b.c }}:{{ turn }}{% endkept %}")
    shown = [
        rendered(template, a=a, b={"c": c}, turn=lambda: next(calls)) for a, c in ("12", "12", "13", "12")
    ]
    assert shown == ["12:1", "12:1", "13:2", "12:1"]


def test_values_are_escaped_as_outside():
    template = Template(LOADED + "{% kept a %}{{ a }}{% endkept %}")
    assert rendered(template, a="<b>") == "&lt;b&gt;"


def test_each_language_has_its_own():
    template = Template(LOADED + "{% get_current_language as code %}{% kept %}{{ code }}{% endkept %}")
    for language in ("en", "de", "en"):
        with translation.override(language):
            assert rendered(template) == language


def test_two_places_keep_nothing_of_one_another():
    template = Template(LOADED + "{% kept a %}first{% endkept %} {% kept a %}second{% endkept %}")
    assert rendered(template, a=1) == rendered(template, a=1) == "first second"


def test_a_block_inside_is_refused():
    with pytest.raises(TemplateSyntaxError, match="block"):
        Template(LOADED + "{% kept %}{% block one %}{% endblock %}{% endkept %}")


def test_there_is_an_end_to_what_is_kept(monkeypatch):
    monkeypatch.setattr("opencme.web.renderings._MOST", 3)
    renderings, calls = Renderings(), []
    for key in (1, 2, 3, 1, 4, 1):
        renderings.kept((key,), lambda key=key: calls.append(key) or str(key))
    assert calls == [1, 2, 3, 4, 1]

"""Addresses put together once are those that the resolver gives."""

from uuid import uuid4

import pytest
from django.template import Context, Template
from django.urls import NoReverseMatch, reverse

from opencme.web.addresses import address


@pytest.mark.parametrize(
    ("name", "rest"),
    [
        ("path", ()),
        ("step", ("pre-test",)),
        ("step", ("post-test",)),
        ("save_answer", ("a_b-1",)),
        ("claim", ()),
    ],
)
def test_it_is_the_address_of_that_row_each_time(name, rest):
    for uuid in (uuid4(), uuid4()):
        assert address(name, uuid, *rest) == reverse(name, args=[uuid, *rest])


def test_what_has_no_address_has_none():
    with pytest.raises(NoReverseMatch):
        address("step", uuid4(), "evaluation")


def test_in_a_template():
    uuid = uuid4()
    template = Template("{% load addresses %}{% address 'step' row.uuid key %}")
    shown = template.render(Context({"row": {"uuid": uuid}, "key": "pre-test"}))
    assert shown == reverse("step", args=[uuid, "pre-test"])

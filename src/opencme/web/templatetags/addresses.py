"""Addresses of pages that hold a uuid."""

from __future__ import annotations

from django import template

from opencme.web.addresses import address

register = template.Library()
register.simple_tag(address)

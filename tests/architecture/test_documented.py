import re
from importlib import import_module
from importlib.util import find_spec

import pytest
from django.apps import apps

from opencme.cli.registry import COMMANDS
from opencme.core.jobs import Job


@pytest.fixture
def read(pytestconfig):
    return lambda path: (pytestconfig.rootpath / path).read_text()


def terms_of(glossary):
    """The words in the first column of the glossary's tables."""
    rows = [line.split("|")[1] for line in glossary.splitlines() if line.startswith("| ")]
    return {word.strip() for row in rows for word in row.split(",")}


def test_every_command_is_documented(read):
    documented = set(re.findall(r"^\| `opencme ([a-z-]+)`", read("docs/operation.md"), re.MULTILINE))
    assert documented == set(COMMANDS)


def test_every_job_is_documented(read):
    documented = set(re.findall(r"^\| `([a-z_]+\.[a-z_]+)` \|", read("docs/operation.md"), re.MULTILINE))
    modules = [import_module(f"{app.name}.tasks") for app in ours() if find_spec(f"{app.name}.tasks")]
    jobs = {one.label for module in modules for one in vars(module).values() if isinstance(one, Job)}
    assert documented == jobs


def test_every_setting_is_documented(read):
    read_from_environment = set(
        re.findall(r'env[a-z._]*\(\s*"(OPENCME_[A-Z_]+)"', read("src/opencme/config/settings.py"))
    )
    documented = set(re.findall(r"`(OPENCME_[A-Z_]+)`", read("docs/operation.md")))
    assert documented == read_from_environment


def test_every_table_holds_something_that_the_glossary_names(read):
    ours = [model for model in apps.get_models() if model.__module__.startswith("opencme.")]
    words = {str(model._meta.verbose_name) for model in ours}
    assert words - terms_of(read("docs/glossary.md")) == set()


def ours():
    return [part for part in apps.get_app_configs() if part.name.startswith("opencme.")]


def test_every_part_says_what_it_owns():
    assert [part.name for part in ours() if not (part.module.__doc__ or "").strip()] == []


def test_every_link_between_documents_leads_somewhere(read, pytestconfig):
    root = pytestconfig.rootpath
    pages = [*root.glob("*.md"), *root.glob("docs/**/*.md"), *root.glob("deploy/*.md")]
    broken = [
        f"{page.relative_to(root)}: {target}"
        for page in pages
        for target in re.findall(r"\]\((?!https?:|mailto:|#)([^)#]+)", page.read_text())
        if not (page.parent / target).exists()
    ]
    assert broken == []

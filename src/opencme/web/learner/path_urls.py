"""Addresses of the path."""

from django.urls import URLPattern, URLResolver, path, register_converter

from opencme.activities.document import RESERVED_STEP_KEYS
from opencme.web.learner.views import evaluation, evidence
from opencme.web.learner.views import path as pages


class StepKeyConverter:
    """The key of a step; never a word that is an address of its own."""

    regex = rf"(?!(?:{'|'.join(sorted(RESERVED_STEP_KEYS))})(?:/|$))[a-z0-9][a-z0-9_-]{{0,62}}"

    def to_python(self, value: str) -> str:
        return value

    def to_url(self, value: str) -> str:
        return value


register_converter(StepKeyConverter, "step")

urlpatterns: list[URLPattern | URLResolver] = [
    path("path/<uuid:participation>/<step:key>/save/", evidence.save, name="save_answer"),
    path("path/<uuid:participation>/<step:key>/beat/", evidence.beat, name="beat"),
    path("path/<uuid:participation>/", pages.path, name="path"),
    path("path/<uuid:participation>/evaluation/", evaluation.evaluation, name="evaluation"),
    path("path/<uuid:participation>/plan/", evaluation.plan, name="plan"),
    path("path/<uuid:participation>/<step:key>/", pages.step, name="step"),
    path("path/<uuid:participation>/<step:key>/result/", pages.result, name="result"),
    path("path/<uuid:participation>/<step:key>/read/", evidence.read_segments, name="read_segments"),
    path("path/<uuid:participation>/<step:key>/attest/", evidence.attest, name="attest_content"),
]

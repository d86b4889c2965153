"""Addresses of claim, certificate, transcript and verification; those of certificates are printed."""

from django.urls import URLPattern, URLResolver, path

from opencme.web.learner.views.certificate import certificate, certificate_pdf
from opencme.web.learner.views.claim import claim
from opencme.web.learner.views.learning import learning, transcript_csv
from opencme.web.learner.views.verify import verify, verify_code

urlpatterns: list[URLPattern | URLResolver] = [
    path("path/<uuid:participation>/claim/", claim, name="claim"),
    path("certificates/<uuid:uuid>/", certificate, name="certificate"),
    path("certificates/<uuid:uuid>/pdf/", certificate_pdf, name="certificate_pdf"),
    path("learning/", learning, name="learning"),
    path("learning/transcript.csv", transcript_csv, name="transcript_csv"),
    path("verify/", verify, name="verify"),
    path("verify/<str:code>/", verify_code, name="verify_code"),
]

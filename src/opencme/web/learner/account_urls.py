"""Addresses of Start, of the code, and of the session."""

from django.urls import URLPattern, URLResolver, path

from opencme.web.learner.views import account, start

urlpatterns: list[URLPattern | URLResolver] = [
    path("activities/<uuid:uuid>/<slug:slug>/start/", start.start, name="start"),
    path("path/<uuid:participation>/code/", account.code, name="code"),
    path("csrf/", account.csrf, name="csrf"),
    path("accounts/logout/", account.SignOut.as_view(), name="account_logout"),
]

"""Addresses of Start, of the code, of the session, and of one's own account."""

from django.urls import URLPattern, URLResolver, path
from django.views.generic import RedirectView

from opencme.web.learner.views import account, closing, start, your_account

urlpatterns: list[URLPattern | URLResolver] = [
    path("activities/<uuid:uuid>/<slug:slug>/start/", start.start, name="start"),
    path("path/<uuid:participation>/code/", account.code, name="code"),
    path("csrf/", account.csrf, name="csrf"),
    path("account/", your_account.your_account, name="your_account"),
    path("account/data.zip", your_account.account_data, name="account_data"),
    path("account/close/", closing.close, name="close_account"),
    path("account/closed/", closing.closed, name="account_closed"),
    path("account/gone/", closing.blanked, name="account_blanked"),
    path("account/open-again/<str:token>/", closing.open_again, name="open_again"),
    # The library's page keeps several addresses for one account; here there is one.
    path("accounts/email/", RedirectView.as_view(pattern_name="your_account"), name="account_email"),
    path("accounts/logout/", account.SignOut.as_view(), name="account_logout"),
]

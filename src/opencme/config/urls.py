"""Every address of the installation."""

from django.urls import include, path

urlpatterns = [
    path("", include("opencme.web.learner.urls")),
    path("operation/", include("opencme.web.operation.urls")),
    path("accounts/", include("allauth.account.urls")),
]

handler400 = "opencme.web.learner.views.errors.bad_request"
handler403 = "opencme.web.learner.views.errors.forbidden"
handler404 = "opencme.web.learner.views.errors.not_found"
handler500 = "opencme.web.learner.views.errors.server_error"
handler429 = "opencme.web.learner.views.errors.too_many"

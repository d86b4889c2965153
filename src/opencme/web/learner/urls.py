"""The addresses of learners and of the public, one list for each subject."""

from opencme.web.learner import (
    account_urls,
    credit_urls,
    mail_urls,
    media_urls,
    path_urls,
    public_urls,
)

# Tried in this order; what is asked for most stands first.
urlpatterns = [
    *path_urls.urlpatterns,
    *public_urls.urlpatterns,
    *account_urls.urlpatterns,
    *credit_urls.urlpatterns,
    *media_urls.urlpatterns,
    *mail_urls.urlpatterns,
]

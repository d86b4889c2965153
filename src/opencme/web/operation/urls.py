"""The addresses of operation."""

from django.urls import URLPattern, URLResolver, path

from opencme.web.operation import jobs

urlpatterns: list[URLPattern | URLResolver] = [
    path("jobs/", jobs.jobs, name="jobs"),
    path("jobs/retry/", jobs.retry_all_jobs, name="retry_all_jobs"),
    path("jobs/<uuid:job>/retry/", jobs.retry_job, name="retry_job"),
    path("jobs/<uuid:job>/discard/", jobs.discard_job, name="discard_job"),
]

from django.urls import URLPattern, URLResolver, path

from opencme.web.learner.views import activity, catalogue, faculty, preview, problem, series, site, style

urlpatterns: list[URLPattern | URLResolver] = [
    path("", catalogue.catalogue, name="catalogue"),
    path("activities/<uuid:uuid>/report/", problem.report_problem, name="report_problem"),
    path("activities/<uuid:uuid>/<slug:slug>/", activity.activity, name="activity"),
    path("series/<uuid:uuid>/<slug:slug>/", series.series, name="series"),
    path("faculty/<uuid:uuid>/<slug:slug>/", faculty.faculty, name="faculty"),
    path("preview/<uuid:uuid>/", preview.preview, name="preview"),
    path("accessibility/", site.accessibility, name="accessibility"),
    path("privacy/", site.privacy, name="privacy"),
    path("help/", site.help_page, name="help"),
    path("style/", style.style, name="style"),
    path("robots.txt", site.robots, name="robots"),
    path("sitemap.xml", site.sitemap, name="sitemap"),
]

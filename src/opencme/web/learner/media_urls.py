from django.urls import URLPattern, URLResolver, path, register_converter

from opencme.web.learner.views.media import media


class Sha256Converter:
    """A hash in lower-case hexadecimal."""

    regex = "[0-9a-f]{64}"

    def to_python(self, value: str) -> str:
        return value

    def to_url(self, value: str) -> str:
        return value


register_converter(Sha256Converter, "sha256")

urlpatterns: list[URLPattern | URLResolver] = [
    path("media/<sha256:sha256>/<str:name>", media, name="media"),
]

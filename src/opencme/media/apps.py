from django.apps import AppConfig


class MediaConfig(AppConfig):
    name = "opencme.media"
    label = "media"

from django.apps import AppConfig


class SampleContentConfig(AppConfig):
    name = "opencme.sample_content"
    label = "sample_content"

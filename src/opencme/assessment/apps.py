from django.apps import AppConfig


class AssessmentConfig(AppConfig):
    name = "opencme.assessment"
    label = "assessment"

from django.apps import AppConfig


class ComplianceConfig(AppConfig):
    name = "opencme.compliance"
    label = "compliance"

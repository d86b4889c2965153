from django.apps import AppConfig


class CreditConfig(AppConfig):
    name = "opencme.credit"
    label = "credit"

from django.apps import AppConfig


class InterchangeConfig(AppConfig):
    name = "opencme.interchange"
    label = "interchange"

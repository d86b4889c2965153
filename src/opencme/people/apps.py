from django.apps import AppConfig


class PeopleConfig(AppConfig):
    name = "opencme.people"
    label = "people"

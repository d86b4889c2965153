from django.urls import URLPattern, URLResolver, path

from opencme.web.learner.views.mail import mail

urlpatterns: list[URLPattern | URLResolver] = [path("mail/", mail, name="mail")]

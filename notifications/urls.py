"""Messages that wait, failed or were given up."""

from django.urls import path

from notifications import views

app_name = "notifications"
urlpatterns = [
    path("", views.message_list, name="message_list"),
    path("<uuid:pk>/send-again/", views.message_resend, name="message_resend"),
    path("<uuid:pk>/set-aside/", views.message_set_aside, name="message_set_aside"),
]

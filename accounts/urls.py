"""Signing in and out, setting a password, one's own account, and the pages that manage people and teams."""

from allauth.account import views as allauth_views
from django.contrib.auth.decorators import login_not_required
from django.urls import include, path, re_path

from accounts.views import account, people, teams

pages = [
    path("your-account/", account.account_detail, name="account_detail"),
    path("your-account/password/", account.password_change, name="password_change"),
    path("setup/people/", people.person_list, name="person_list"),
    path("setup/people/add/", people.person_add, name="person_add"),
    path("setup/people/<int:pk>/", people.person_detail, name="person_detail"),
    path("setup/people/<int:pk>/edit/", people.person_edit, name="person_edit"),
    path("setup/people/<int:pk>/deactivate/", people.person_deactivate, name="person_deactivate"),
    path("setup/people/<int:pk>/reactivate/", people.person_reactivate, name="person_reactivate"),
    path("setup/people/<int:pk>/password-link/", people.person_send_link, name="person_send_link"),
    path("setup/people/<int:pk>/auditor/", people.auditor_edit, name="auditor_edit"),
    path("setup/people/<int:pk>/roles/add/<slug:held_in>/", people.role_grant, name="role_grant"),
    path("setup/people/<int:pk>/roles/<int:membership>/end/", people.role_end, name="role_end"),
    path("setup/teams/", teams.team_list, name="team_list"),
    path("setup/teams/add/", teams.team_add, name="team_add"),
    path("setup/teams/<int:pk>/", teams.team_edit, name="team_edit"),
    path("setup/teams/services/", teams.service_list, name="service_list"),
    path("setup/teams/services/add/", teams.service_add, name="service_add"),
    path("setup/teams/services/<int:pk>/", teams.service_edit, name="service_edit"),
]

urlpatterns = [
    path("", include((pages, "accounts"))),
    path("sign-in/", allauth_views.login, name="account_login"),
    path("sign-out/", login_not_required(allauth_views.logout), name="account_logout"),
    path("password/", allauth_views.password_reset, name="account_reset_password"),
    path("password/sent/", allauth_views.password_reset_done, name="account_reset_password_done"),
    re_path(
        r"^password/set/(?P<uidb36>[0-9A-Za-z]{1,13})-(?P<key>[0-9A-Za-z-]{1,200})/$",
        allauth_views.password_reset_from_key,
        name="account_reset_password_from_key",
    ),
    path(
        "password/set/done/",
        allauth_views.password_reset_from_key_done,
        name="account_reset_password_from_key_done",
    ),
]

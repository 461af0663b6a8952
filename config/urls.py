"""Every address of the service. All need sign-in but those tests/test_access.py names."""

from django.conf import settings
from django.urls import URLPattern, URLResolver, include, path

from actions.views import paths, raising
from audits.views import concerns, my_work, proposed_actions, records, rounds
from config import health, setup
from dashboards.views import quarters as dashboards
from dashboards.views import targets
from moderation.views import fairness_settings
from moderation.views import settings as moderation_settings
from notifications import dev_mail

urlpatterns: list[URLPattern | URLResolver] = [
    path("", my_work.my_work, name="my_work"),
    path("", include("accounts.urls")),
    path("audits/", include("audits.urls.audits")),
    path("concern/", include("audits.urls.concerns")),
    path("programme/returns/", dashboards.return_list, name="return_list"),
    path("programme/", include("audits.urls.programme")),
    path("caseload/", include("audits.urls.caseload")),
    path("setup/", setup.setup, name="setup"),
    path("setup/programme/", rounds.programme_settings_edit, name="programme_settings_edit"),
    path("setup/follow-up/", proposed_actions.follow_up_settings_edit, name="follow_up_settings_edit"),
    path("moderation/", include("moderation.urls")),
    path("setup/moderation/", moderation_settings.moderation_settings_edit, name="moderation_settings_edit"),
    path("moderation/", include("moderation.fairness_urls")),
    path(
        "setup/moderation/selection/",
        fairness_settings.fairness_settings_edit,
        name="fairness_settings_edit",
    ),
    path("setup/reports/", dashboards.report_settings_edit, name="report_settings_edit"),
    path("setup/targets/", targets.target_list, name="target_list"),
    path("setup/concern/", concerns.concern_settings_edit, name="concern_settings_edit"),
    path("setup/ceilings/", include("audits.urls.ceilings")),
    path("setup/actions/", raising.action_settings_edit, name="action_settings_edit"),
    path("setup/closures/", include("audits.urls.closures")),
    path("setup/timescales/", include("audits.urls.timescales")),
    path("setup/tools/", include("audits.urls.tools")),
    path("records/reading/", records.reading_log, name="reading_log"),
    path("actions/", include("actions.urls.paths")),
    path("setup/after-audits/", paths.path_settings_edit, name="path_settings_edit"),
    path("records/exports/", records.export_list, name="export_list"),
    path("actions/", include("actions.urls.actions")),
    path("reports/", include("dashboards.urls")),
    path("help/", include("audits.urls.help")),
    path("setup/messages/", include("notifications.urls")),
    path("health/live", health.live, name="health_live"),
    path("health/ready", health.ready, name="health_ready"),
    path("health/deep", health.deep, name="health_deep"),
]

if settings.DEBUG:
    urlpatterns.append(path("dev/mail/", dev_mail.mail_list, name="dev_mail"))

handler400 = "core.views.bad_request"

"""/moderation/: the queue, earned exemptions, agreement and calibration, which show that moderation is fair."""

from django.urls import path

from moderation.views import agreement, calibration, cases, earned

app_name = "fairness"

urlpatterns = [
    path("", cases.case_list, name="case_list"),
    path("exemptions/", earned.earned_list, name="earned_list"),
    path("exemptions/<int:pk>/", earned.earned_detail, name="earned_detail"),
    path("agreement/", agreement.agreement_year, name="agreement_year"),
    path("agreement/mine/", agreement.agreement_mine, name="agreement_mine"),
    path("agreement/<int:pk>/", agreement.agreement_auditor, name="agreement_auditor"),
    path("calibration/", calibration.calibration_list, name="calibration_list"),
    path("calibration/prepare/", calibration.calibration_prepare, name="calibration_prepare"),
    path("calibration/<str:reference>/", calibration.calibration_detail, name="calibration_detail"),
    path("calibration/<str:reference>/open/", calibration.calibration_open, name="calibration_open"),
    path(
        "calibration/<str:reference>/<str:section>/",
        calibration.calibration_text_edit,
        name="calibration_text_edit",
    ),
]

from django.apps import AppConfig


class ModerationConfig(AppConfig):
    name = "moderation"

    def ready(self) -> None:
        from audits.work import register_work  # noqa: PLC0415 - once the apps are loaded
        from moderation import fairness_receivers  # noqa: F401, PLC0415
        from moderation.fairness_work import WORK  # noqa: PLC0415

        for work in WORK:
            register_work(work)

from django.apps import AppConfig


class ModerationConfig(AppConfig):
    name = "moderation"

    def ready(self) -> None:
        from audits.history import register_history  # noqa: PLC0415 - once the apps are loaded
        from audits.readers import close_to, register_readers  # noqa: PLC0415
        from audits.work import register_work  # noqa: PLC0415
        from core.guards import register_guards  # noqa: PLC0415
        from moderation import fairness_receivers, receivers  # noqa: F401, PLC0415
        from moderation.audit_history import HISTORY  # noqa: PLC0415
        from moderation.fairness_work import WORK as FAIRNESS_WORK  # noqa: PLC0415
        from moderation.guards import GUARDS  # noqa: PLC0415
        from moderation.own_work import WORK  # noqa: PLC0415
        from moderation.readers import read_blind_by, tabled_for  # noqa: PLC0415

        register_guards("moderation", GUARDS)
        register_readers(tabled_for)
        close_to(read_blind_by)
        for history in HISTORY:
            register_history(history)
        for work in (*WORK, *FAIRNESS_WORK):
            register_work(work)

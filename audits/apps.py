from django.apps import AppConfig


class AuditsConfig(AppConfig):
    name = "audits"

    def ready(self) -> None:
        from audits import receivers  # noqa: F401, PLC0415 - receivers connect once the apps are loaded
        from audits.guards import GUARDS  # noqa: PLC0415
        from audits.history import register_history  # noqa: PLC0415
        from audits.own_history import HISTORY  # noqa: PLC0415
        from audits.own_work import WORK  # noqa: PLC0415
        from audits.work import register_work  # noqa: PLC0415
        from core.guards import register_guards  # noqa: PLC0415

        register_guards("audits", GUARDS)
        for work in WORK:
            register_work(work)
        for history in HISTORY:
            register_history(history)

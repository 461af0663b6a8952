from django.apps import AppConfig


class ActionsConfig(AppConfig):
    name = "actions"

    def ready(self) -> None:
        from actions import receivers  # noqa: F401, PLC0415 - receivers connect once the apps are loaded
        from actions.guards import GUARDS  # noqa: PLC0415
        from actions.own_work import WORK  # noqa: PLC0415
        from actions.path_history import what_followed  # noqa: PLC0415
        from actions.path_work import PATH_WORK  # noqa: PLC0415
        from audits.history import register_history  # noqa: PLC0415
        from audits.work import register_work  # noqa: PLC0415
        from core.guards import register_guards  # noqa: PLC0415

        register_guards("actions", GUARDS)
        register_history(what_followed)
        for work in (*WORK, *PATH_WORK):
            register_work(work)

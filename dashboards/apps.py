from django.apps import AppConfig


class DashboardsConfig(AppConfig):
    name = "dashboards"

    def ready(self) -> None:
        from audits.work import register_work  # noqa: PLC0415 - once the apps are loaded
        from core.guards import register_guards  # noqa: PLC0415
        from dashboards import receivers  # noqa: F401, PLC0415
        from dashboards.guards import GUARDS  # noqa: PLC0415
        from dashboards.own_work import WORK  # noqa: PLC0415

        register_guards("dashboards", GUARDS)
        for work in WORK:
            register_work(work)

from django.apps import AppConfig


class DashboardsConfig(AppConfig):
    name = "dashboards"

    def ready(self) -> None:
        from core.guards import register_guards  # noqa: PLC0415 - once the apps are loaded
        from dashboards.guards import GUARDS  # noqa: PLC0415

        register_guards("dashboards", GUARDS)

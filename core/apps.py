from django.apps import AppConfig


class CoreConfig(AppConfig):
    name = "core"

    def ready(self) -> None:
        from core import receivers  # noqa: F401, PLC0415 - receivers connect once the apps are loaded

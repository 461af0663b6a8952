from django.apps import AppConfig


class ActionsConfig(AppConfig):
    name = "actions"

    def ready(self) -> None:
        from actions import receivers  # noqa: F401, PLC0415 - receivers connect once the apps are loaded

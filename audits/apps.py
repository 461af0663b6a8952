from django.apps import AppConfig


class AuditsConfig(AppConfig):
    name = "audits"

    def ready(self) -> None:
        from audits import receivers  # noqa: F401, PLC0415 - receivers connect once the apps are loaded

"""docker-compose.yml and the Dockerfile against the settings and the commands they rely on."""

from __future__ import annotations

import ast
import http.server
import json
import re
import shutil
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from django.core.management import get_commands

from config.startup import refusals
from scripts import healthcheck

ROOT = Path(__file__).resolve().parents[2]
COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
OURS = ("migrate", "web", "worker", "beat")
DOCKERFILE = (ROOT / "Dockerfile").read_text()
OPERATIONS = (ROOT / "docs" / "operations.md").read_text()
NEVER_IN_PRODUCTION = {"DEBUG"}


def read_by_settings() -> set[str]:
    """The names that config/settings/*.py reads with `env.<type>("NAME")`."""
    names = set()
    for file in (ROOT / "config" / "settings").glob("*.py"):
        for node in ast.walk(ast.parse(file.read_text())):
            match node:
                case ast.Call(
                    func=ast.Attribute(value=ast.Name(id="env")), args=[ast.Constant(value=str(name)), *_]
                ):
                    names.add(name)
    return names


def documented() -> set[str]:
    """The names in the first column of the table under "Environment"."""
    section = OPERATIONS.partition("## Environment")[2].partition("\n## ")[0]
    return set(re.findall(r"^\| `([A-Z_]+)` \|", section, re.MULTILINE))


def words(command: str | list[str]) -> list[str]:
    return command.split() if isinstance(command, str) else command


def test_settings_read_what_is_thought() -> None:
    assert read_by_settings() >= {"DATABASE_URL", "SECRET_KEY", "DEBUG", "ALLOWED_HOSTS"}


@pytest.mark.parametrize("name", OURS)
def test_each_of_our_containers_gets_exactly_what_settings_read(name: str) -> None:
    assert set(SERVICES[name]["environment"]) == read_by_settings() - NEVER_IN_PRODUCTION


def test_what_settings_read_and_what_compose_asks_for_is_documented_and_nothing_else() -> None:
    asked_for = set(re.findall(r"\$\{([A-Z_]+)[:}]", json.dumps(COMPOSE)))
    assert documented() == read_by_settings() | asked_for


@pytest.mark.parametrize("name", OURS)
def test_our_containers_have_no_rights_to_spare(name: str) -> None:
    service = SERVICES[name]
    assert service["user"] == "10001"
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]


@pytest.mark.parametrize("name", ["database", "broker"])
def test_nor_does_any_other_run_as_root(name: str) -> None:
    assert SERVICES[name]["user"] not in ("", "root", "0")


def test_what_waits_for_what() -> None:
    waits = {
        name: {other: how["condition"] for other, how in service.get("depends_on", {}).items()}
        for name, service in SERVICES.items()
    }
    migrated = {"migrate": "service_completed_successfully"}
    assert waits == {
        "database": {},
        "broker": {},
        "migrate": {"database": "service_healthy"},
        "web": migrated,
        "worker": {**migrated, "broker": "service_healthy"},
        "beat": {**migrated, "broker": "service_healthy"},
    }


def test_each_lasting_container_is_restarted_and_has_a_health_check() -> None:
    for name in SERVICES.keys() - {"migrate"}:
        assert SERVICES[name]["restart"] == "unless-stopped"
        assert SERVICES[name]["healthcheck"]["test"][0] == "CMD"
    assert SERVICES["migrate"]["restart"] == "no"


def test_only_the_database_keeps_anything() -> None:
    kept = {name: service.get("volumes", []) for name, service in SERVICES.items()}
    assert kept.pop("database") == ["database:/var/lib/postgresql/data"]
    assert not any(kept.values())
    assert COMPOSE["volumes"] == {"database": None}


def test_only_the_web_server_is_reachable_and_only_from_the_machine() -> None:
    assert {name: service["ports"] for name, service in SERVICES.items() if "ports" in service} == {
        "web": ["127.0.0.1:8000:8000"]
    }


@pytest.mark.parametrize("name", OURS)
def test_each_command_exists(name: str) -> None:
    commands = [words(SERVICES[name]["command"])]
    if check := SERVICES[name].get("healthcheck"):
        commands.append(check["test"][1:])
    for program, *arguments in commands:
        match program, arguments:
            case "python", ["manage.py", command, *_]:
                assert command in get_commands()
            case "python", [script, *_]:
                assert (ROOT / script).is_file()
            case "celery", ["-A", "config", kind, *_]:
                assert kind in ("worker", "beat")
            case "gunicorn", ["config.wsgi", *options]:
                assert "--no-control-socket" in options
                assert "--worker-class=sync" in options
            case _:
                pytest.fail(f"nothing is known of {program}")


@pytest.mark.parametrize(
    "tool", [["gunicorn", "--help"], ["celery", "worker", "--help"], ["celery", "beat", "--help"]]
)
def test_each_option_of_our_commands_exists(tool: list[str]) -> None:
    program = shutil.which(tool[0], path=str(Path(sys.executable).parent))
    assert program
    known = subprocess.run([program, *tool[1:]], capture_output=True, text=True, check=True).stdout
    used = {
        option.partition("=")[0]
        for name in OURS
        if words(SERVICES[name]["command"])[0] == tool[0]
        and set(tool[1:-1]) <= set(words(SERVICES[name]["command"]))
        for option in words(SERVICES[name]["command"])
        if option.startswith("--")
    }
    assert used
    assert {option for option in used if option not in known} == set()


class TestDockerfile:
    def test_it_installs_what_is_locked_and_hashed(self) -> None:
        assert re.search(
            r"^RUN pip install .*--require-hashes --requirement requirements\.lock$", DOCKERFILE, re.MULTILINE
        )
        assert DOCKERFILE.startswith("FROM python:3.11-slim\n")

    def test_it_runs_as_the_user_of_the_compose_file(self) -> None:
        after_build = DOCKERFILE.rpartition("RUN ")[2]
        assert re.findall(r"^USER (\S+)$", after_build, re.MULTILINE) == [SERVICES["web"]["user"]]
        assert f"--uid {SERVICES['web']['user']} " in DOCKERFILE

    def test_static_files_are_collected_with_all_that_production_wants(self) -> None:
        step = DOCKERFILE.partition("&& SECRET_KEY")[2].partition("\nUSER")[0]
        given = dict(re.findall(r"\b([A-Z_]+)=(\S+)", "SECRET_KEY" + step))
        assert refusals(given) == []
        assert "python manage.py collectstatic --noinput" in step

    def test_no_records_or_secrets_are_copied_into_the_image(self) -> None:
        ignored = (ROOT / ".dockerignore").read_text().split()
        assert {".git", ".venv", ".env", "var", "*.sqlite3*"} <= set(ignored)

    def test_every_app_is_compiled(self) -> None:
        compiled = re.search(r"compileall -q ([a-z ]+) \\", DOCKERFILE)
        assert compiled
        apps = {path.parent.name for path in ROOT.glob("*/__init__.py")} - {"tests"}
        assert set(compiled[1].split()) == apps


class TestHealthcheckScript:
    @pytest.fixture
    def answers(self) -> Iterator[dict[str, Any]]:
        """A web server on the container's port that answers with `status` and keeps the request."""
        answers: dict[str, Any] = {"status": 200}

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                answers["asked"] = (self.path, self.headers["Host"])
                self.send_response(answers["status"])
                self.end_headers()

            def log_message(self, *_: object) -> None:
                pass

        server = http.server.HTTPServer(("127.0.0.1", 0), Handler)
        answers["port"] = server.server_port
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield answers
        server.shutdown()
        thread.join()
        server.server_close()

    @pytest.mark.parametrize("status", [200, 400, 503])
    def test_it_asks_by_an_allowed_name(
        self, answers: dict[str, Any], monkeypatch: pytest.MonkeyPatch, status: int
    ) -> None:
        monkeypatch.setenv("ALLOWED_HOSTS", ".audits.council.example, other.example")
        monkeypatch.setattr(healthcheck, "ADDRESS", ("127.0.0.1", answers["port"]))
        answers["status"] = status
        assert healthcheck.is_ready() is (status == 200)
        assert answers["asked"] == ("/health/ready", "audits.council.example")

    def test_nobody_there_is_not_ready(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("ALLOWED_HOSTS", "audits.council.example")
        monkeypatch.setattr(healthcheck, "ADDRESS", ("127.0.0.1", 1))
        assert healthcheck.is_ready() is False

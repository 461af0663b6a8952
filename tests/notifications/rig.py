"""A mail server, a broker and the product's own processes, to be broken on purpose."""

from __future__ import annotations

import http.client
import os
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path
from urllib.parse import urlencode

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session
from django.conf import settings
from django.db import connection
from redis import Redis

HOST = "127.0.0.1"
SITE = "https://audits.council.example"
SECRET_KEY = "0123456789abcdefghijklmnopqrstuvwxyz-secret-of-the-fault-tests"


def free_port() -> int:
    """A port that nobody listens on at this moment."""
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        port: int = probe.getsockname()[1]
        return port


def wait_until(what: Callable[[], bool], *, seconds: float, every: float = 0.02) -> None:
    """Wait for something to become true; fail when it has not after that many seconds."""
    end = time.monotonic() + seconds
    while not what():
        assert time.monotonic() < end, f"still waiting after {seconds} seconds"
        time.sleep(every)


class MailServer:
    """An SMTP server on a free port that keeps what it takes and fails as it is told.

    Attributes:
        received: how often each Message-ID was taken.
        refuse: the answer to give for an address, such as "550 No such user".
        stall: addresses whose mail is never answered.

    """

    def __init__(self) -> None:
        self.received: Counter[str] = Counter()
        self.recipients: Counter[str] = Counter()
        self.refuse: dict[str, str] = {}
        self.stall: set[str] = set()
        self.on_mail: Callable[[int], None] = lambda _: None
        self._lock = threading.Lock()
        self._controller = Controller(self, hostname=HOST, port=free_port())

    @property
    def port(self) -> int:
        return int(self._controller.port)

    @property
    def total(self) -> int:
        """How many mails were taken, twins included."""
        return self.received.total()

    def start(self) -> None:
        self._controller.start()

    def stop(self) -> None:
        self._controller.stop()

    async def handle_RCPT(  # noqa: N802 - aiosmtpd's name
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if answer := self.refuse.get(address):
            return answer
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        if self.stall.intersection(envelope.rcpt_tos):
            await server.loop.create_future()
        content = envelope.content
        assert isinstance(content, bytes)
        header = next(line for line in content.split(b"\r\n") if line.lower().startswith(b"message-id:"))
        with self._lock:
            self.received[header.split(b":", 1)[1].strip().decode()] += 1
            self.recipients.update(envelope.rcpt_tos)
            total = self.total
        self.on_mail(total)
        return "250 Taken"


class Broker:
    """A Redis server of our own, never the machine's."""

    def __init__(self) -> None:
        self.port = free_port()
        self.url = f"redis://{HOST}:{self.port}/0"
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        self._process = subprocess.Popen(
            [str(shutil.which("redis-server")), "--port", str(self.port), "--save", "", "--appendonly", "no"],
            stdout=subprocess.DEVNULL,
        )
        wait_until(self._answers, seconds=10)

    def _answers(self) -> bool:
        with socket.socket() as probe:
            return probe.connect_ex((HOST, self.port)) == 0

    def hang(self) -> None:
        self._signal(signal.SIGSTOP)

    def resume(self) -> None:
        self._signal(signal.SIGCONT)

    def kill(self) -> None:
        self._signal(signal.SIGKILL)
        assert self._process
        self._process.wait()

    def flush(self) -> None:
        with Redis.from_url(self.url) as client:
            client.flushall()

    def _signal(self, number: signal.Signals) -> None:
        assert self._process
        if self._process.poll() is None:
            self._process.send_signal(number)


def environment(**changes: str) -> dict[str, str]:
    """Production's environment on the test's own database."""
    database = connection.settings_dict
    return {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "config.settings.production",
        "SECRET_KEY": SECRET_KEY,
        "ALLOWED_HOSTS": "audits.council.example",
        "SITE_URL": SITE,
        "COUNCIL_NAME": "Borsetshire Council",
        "DATABASE_URL": (
            f"postgres://{database['USER']}:{database['PASSWORD']}@{database['HOST']}:{database['PORT'] or 5432}"
            f"/{database['NAME']}"
        ),
        "REDIS_URL": f"redis://{HOST}:1/0",
        "EMAIL_URL": f"smtp://{HOST}:1",
        **changes,
    }


class Group:
    """A process and its children in a group of their own, so that all of them can be killed at once."""

    def __init__(self, *command: str, env: Mapping[str, str], log: Path) -> None:
        self._path, self._log = log, log.open("wb")
        self._process = subprocess.Popen(
            [sys.executable, "-m", *command],
            cwd=settings.BASE_DIR,
            env=dict(env),
            stdout=self._log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )

    def has_logged(self, words: str) -> bool:
        """Whether its log holds these words so far."""
        return words in self._path.read_text()

    def kill(self) -> None:
        """Kill -9 to every process of the group."""
        if self._process.poll() is None:
            os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()
        self._log.close()

    def wait(self, *, seconds: float) -> int:
        """Wait for its own end; returns the exit code."""
        return self._process.wait(timeout=seconds)


class Rig:
    """Everything a test started; all of it ends with the test."""

    def __init__(self, stack: ExitStack, logs: Path) -> None:
        self._stack, self._logs = stack, logs
        self.mail = MailServer()
        self.broker = Broker()
        self.mail.start()
        stack.callback(self.mail.stop)
        self.broker.start()
        stack.callback(self.broker.kill)
        stack.callback(self.broker.resume)

    def environment(self) -> dict[str, str]:
        return environment(
            REDIS_URL=self.broker.url, EMAIL_URL=f"smtp://{HOST}:{self.mail.port}", PYTHONUNBUFFERED="1"
        )

    def group(self, *command: str) -> Group:
        number = len(list(self._logs.iterdir()))
        log = self._logs / f"{number}-{command[0]}.log"
        group = Group(*command, env=self.environment(), log=log)
        self._stack.callback(group.kill)
        return group

    def workers(self, count: int) -> list[Group]:
        """Workers that send one mail at a time each, once all of them are ready."""
        names = [f"worker-{number}@{HOST}" for number in range(count)]
        workers = [
            self.group("celery", "-A", "config", "worker", "--concurrency", "1", "--hostname", name)
            for name in names
        ]
        wait_until(lambda: all(worker.has_logged("ready.") for worker in workers), seconds=60)
        return workers

    def beat(self) -> Group:
        return self.group("celery", "-A", "config", "beat")

    def manage(self, *arguments: str) -> Group:
        return self.group("django", *arguments)

    def web(self) -> WebServer:
        port = free_port()
        self.group("gunicorn", "config.wsgi", "--bind", f"{HOST}:{port}", "--no-control-socket")
        server = WebServer(port)
        wait_until(server.is_live, seconds=30)
        return server


class WebServer:
    """The product under gunicorn, spoken to as its proxy would."""

    def __init__(self, port: int) -> None:
        self._port = port

    def is_live(self) -> bool:
        try:
            return self._request("GET", "/health/live", {})[0] == 200
        except OSError:
            return False

    def get(self, path: str) -> int:
        return self._request("GET", path, {})[0]

    def post(
        self, path: str, *, session_key: str, form: Mapping[str, str] | None = None
    ) -> tuple[int, float]:
        """Post a form, or an empty one, as a signed-in person; returns the status and the seconds it took."""
        token = "t" * 32
        cookies = f"__Host-session={session_key}; __Host-csrf={token}"
        headers = {
            "Cookie": cookies,
            "Referer": f"{SITE}/",
            "Content-Type": "application/x-www-form-urlencoded",
        }
        return self._request("POST", path, headers, urlencode({"csrfmiddlewaretoken": token, **(form or {})}))

    def _request(
        self, method: str, path: str, headers: dict[str, str], body: str | None = None
    ) -> tuple[int, float]:
        started = time.monotonic()
        call = http.client.HTTPConnection(HOST, self._port, timeout=20)
        try:
            proxied = {"Host": "audits.council.example", "X-Forwarded-Proto": "https"}
            call.request(method, path, body, proxied | headers)
            status = call.getresponse().status
        finally:
            call.close()
        return status, time.monotonic() - started


@contextmanager
def running(logs: Path) -> Iterator[Rig]:
    """A rig that is taken down at the end, whatever happened."""
    with ExitStack() as stack:
        yield Rig(stack, logs)

#!/usr/bin/env python3
"""The two commands of the README: `run` shows the product with demo data, `test` runs its tests.

Needs Python 3.11 or newer with its venv module, and nothing else: everything the project uses is installed into
.venv from the locked, hashed requirements.
"""

import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent
VENV = ROOT / ".venv"
PYTHON = VENV / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
STAMP = VENV / "installed-lock.sha256"
USAGE = "usage: python3 bootstrap.py run | test [--all] [pytest arguments]"
ON_EVERY_CORE = ["-n", "auto", "--dist", "worksteal"]
PORTABLE = [*ON_EVERY_CORE, "-m", "not services and not browser"]
EVERYTHING = [*ON_EVERY_CORE, "-m", ""]


def find_python() -> str:
    """The Python that runs this if it is new enough, else one on the PATH that is."""
    if sys.version_info >= (3, 11):
        return sys.executable
    for name in ("python3.14", "python3.13", "python3.12", "python3.11"):
        if found := shutil.which(name):
            return found
    sys.exit("Child Journey Audits needs Python 3.11 or newer. Install it and run this again.")


def install(lock: Path) -> None:
    """Make .venv hold what the lock file says, unless it already does."""
    wanted = hashlib.sha256(lock.read_bytes()).hexdigest()
    if PYTHON.exists() and STAMP.exists() and wanted in STAMP.read_text().split():
        return
    if not PYTHON.exists():
        made = subprocess.run([find_python(), "-m", "venv", str(VENV)], check=False)
        if made.returncode != 0:
            shutil.rmtree(VENV, ignore_errors=True)
            sys.exit(
                "The virtual environment could not be made. On Debian or Ubuntu: apt install python3-venv"
            )
    print(f"Installing {lock.name} into .venv. The first time takes a minute.", file=sys.stderr)
    if uv := shutil.which("uv"):
        command = [uv, "pip", "install", "--quiet", "--python", str(PYTHON)]
    else:
        command = [str(PYTHON), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    subprocess.run([*command, "--require-hashes", "--requirement", str(lock)], check=True, cwd=ROOT)
    STAMP.write_text(wanted)


def main(arguments: list[str]) -> int:
    match arguments:
        case ["run", *rest]:
            dev = ROOT / "requirements-dev.lock"
            installed = STAMP.read_text().split() if STAMP.exists() else []
            if hashlib.sha256(dev.read_bytes()).hexdigest() not in installed:
                install(ROOT / "requirements.lock")
            command = [str(PYTHON), "manage.py", "demo", *rest]
        case ["test", "--all", *rest]:
            install(ROOT / "requirements-dev.lock")
            command = [str(PYTHON), "-m", "pytest", *EVERYTHING, *rest]
        case ["test", *rest]:
            install(ROOT / "requirements-dev.lock")
            command = [str(PYTHON), "-m", "pytest", *PORTABLE, *rest]
        case _:
            print(USAGE, file=sys.stderr)
            return 2
    try:
        return subprocess.run(command, check=False, cwd=ROOT).returncode
    except KeyboardInterrupt:
        return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

"""What the browser is given: the vendored front end as the script left it, and nothing only GOV.UK may use."""

import hashlib
import json
import re
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.contrib.staticfiles.storage import staticfiles_storage
from django.core.management import call_command

STATIC = Path(settings.BASE_DIR) / "static"
VENDOR = STATIC / "vendor"
STYLES = [VENDOR / "govuk-frontend/govuk-frontend.min.css", VENDOR / "moj-frontend/moj-frontend.min.css"]


def test_every_vendored_file_is_the_one_the_manifest_names() -> None:
    manifest = json.loads((VENDOR / "VENDOR.json").read_text())
    named = {name: digest for package in manifest.values() for name, digest in package["files"].items()}
    found = {
        path.relative_to(VENDOR).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in VENDOR.rglob("*")
        if path.is_file() and path.name != "VENDOR.json"
    }
    assert found == named


@pytest.mark.parametrize(
    "word", ["GDS Transport", "govuk-crest", "@font-face", "sourceMappingURL", "/assets/", "crown.svg"]
)
def test_nothing_that_only_gov_uk_may_use_nor_an_address_that_leads_nowhere(word: str) -> None:
    for path in [*STYLES, VENDOR / "govuk-frontend/govuk-frontend.min.js"]:
        assert word not in path.read_text(), path.name


def test_our_brand_colour_is_the_last_word() -> None:
    assert "--govuk-brand-colour" not in re.sub(r"var\([^)]*\)", "", STYLES[1].read_text())
    assert "--govuk-brand-colour: var(--app-brand);" in (STATIC / "app/app.css").read_text()


def test_both_licences_come_along() -> None:
    for package in ("govuk-frontend", "moj-frontend"):
        assert (
            (VENDOR / package / "LICENSE.txt")
            .read_text()
            .startswith("The MIT License (MIT)\n\nCopyright (C)")
        )


def test_production_storage_finds_every_file_that_css_names(tmp_path: Path, settings: Any) -> None:
    settings.STATIC_ROOT = tmp_path
    settings.STORAGES = settings.STORAGES | {
        "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"}
    }
    call_command("collectstatic", interactive=False, verbosity=0)
    assert (tmp_path / "staticfiles.json").exists()
    assert re.fullmatch(r"/static/app/app\.[0-9a-f]{12}\.css", staticfiles_storage.url("app/app.css"))

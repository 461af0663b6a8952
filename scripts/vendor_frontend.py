"""Refreshes static/vendor/ from the pinned npm tarballs: for maintainers, with npm at hand.

    python3 scripts/vendor_frontend.py

Nothing at run time needs npm: the output is committed. This is a council's service, so what only GOV.UK may
use (its typeface, crest and brand colours) is taken out here, and a test holds the output to that.
"""

import base64
import hashlib
import json
import re
import subprocess
import sys
import tarfile
import tempfile
from dataclasses import dataclass
from pathlib import Path

VENDOR = Path(__file__).resolve().parent.parent / "static" / "vendor"
FONT_STACK = '"Helvetica Neue",Helvetica,Arial,sans-serif'

MIT = """\
Permission is hereby granted, free of charge, to any person obtaining a copy of
this software and associated documentation files (the "Software"), to deal in
the Software without restriction, including without limitation the rights to
use, copy, modify, merge, publish, distribute, sublicense, and/or sell copies
of the Software, and to permit persons to whom the Software is furnished to do
so, subject to the following conditions:

The above copyright notice and this permission notice shall be included in all
copies or substantial portions of the Software.

THE SOFTWARE IS PROVIDED "AS IS", WITHOUT WARRANTY OF ANY KIND, EXPRESS OR
IMPLIED, INCLUDING BUT NOT LIMITED TO THE WARRANTIES OF MERCHANTABILITY,
FITNESS FOR A PARTICULAR PURPOSE AND NONINFRINGEMENT. IN NO EVENT SHALL THE
AUTHORS OR COPYRIGHT HOLDERS BE LIABLE FOR ANY CLAIM, DAMAGES OR OTHER
LIABILITY, WHETHER IN AN ACTION OF CONTRACT, TORT OR OTHERWISE, ARISING FROM,
OUT OF OR IN CONNECTION WITH THE SOFTWARE OR THE USE OR OTHER DEALINGS IN THE
SOFTWARE.
"""


@dataclass(frozen=True)
class Package:
    name: str
    version: str
    integrity: str
    folder: str
    """Where its files go under static/vendor/."""
    files: tuple[str, ...]
    """Paths inside the tarball; the images their css names come along."""
    assets: str
    """The folder inside the tarball that the css calls /assets/."""
    copyright: str


PACKAGES = (
    Package(
        name="govuk-frontend",
        version="6.6.0",
        integrity="sha512-xctkWrQvLnvQt7fyjQ3MGX9S0wz0x0RQuLxCeoXF+s8EjGICG81/DYQGKN5qgO+0KVT12UAaRwUsGY6fulRcRg==",
        folder="govuk-frontend",
        files=("dist/govuk/govuk-frontend.min.css", "dist/govuk/govuk-frontend.min.js"),
        assets="dist/govuk/assets",
        copyright="Copyright (C) 2017 Crown Copyright (Government Digital Service)",
    ),
    Package(
        name="@ministryofjustice/frontend",
        version="11.1.0",
        integrity="sha512-1bkUbm2M4DpcpX/pOmumQRBsbJco9W2RwmJv5h/ZC/ZqrAOn2/FjpF+A7vS0gs7oMXBizr9O5huDrSYbLx73Nw==",
        folder="moj-frontend",
        files=("moj/moj-frontend.min.css",),
        assets="moj/assets",
        copyright="Copyright (C) Crown Copyright (Ministry of Justice)\nCopyright (c) 2021 dxw",
    ),
)

SOURCE_MAP = re.compile(r"\s*(?:/\*# sourceMappingURL=\S+ \*/|//# sourceMappingURL=\S+)\s*$")
FONT_FACE = re.compile(
    r"(?:/\*! Copyright \(c\) 2011 by Margaret Calvert[^*]*\*/)?@font-face\{[^}]*GDS Transport[^}]*\}"
)
FONT_NAME = re.compile(r"font-family:GDS Transport,arial,sans-serif")
CREST_RULE = r"\.govuk-footer__copyright-logo:before\{[^}]*\}"
CREST = re.compile(rf"@supports [^{{]*\{{{CREST_RULE}(?:@media[^{{]*\{{{CREST_RULE}\}})?\}}|{CREST_RULE}")
BRAND_BLOCK = re.compile(r":root\{--govuk-brand-colour:[^}]*\}")
ASSET_URL = re.compile(r"url\(/assets/(images/[^)]+)\)")


def fetch(package: Package, folder: Path) -> Path:
    """The tarball npm has for the pinned version, refused when it is not the one whose hash stands above."""
    command = [
        "npm",
        "pack",
        f"{package.name}@{package.version}",
        "--silent",
        "--pack-destination",
        str(folder),
    ]
    done = subprocess.run(command, check=True, capture_output=True, text=True)  # noqa: S603 - constants only
    tarball = folder / done.stdout.split()[-1]
    found = "sha512-" + base64.b64encode(hashlib.sha512(tarball.read_bytes()).digest()).decode()
    if found != package.integrity:
        sys.exit(
            f"{package.name} {package.version}: expected {package.integrity}, got {found}. Nothing was changed."
        )
    return tarball


def without_source_map(text: str) -> str:
    """The text without its last line's pointer to a map we do not ship (manifest storage would look for it)."""
    return SOURCE_MAP.sub("\n", text)


def council_css(css: str) -> str:
    """The css without the GOV.UK typeface and crest, with asset addresses relative to the file.

    A later file's block of brand colours goes too: it would undo the council's, which app.css sets.
    """
    css = FONT_NAME.sub("font-family:" + FONT_STACK, FONT_FACE.sub("", css))
    css = BRAND_BLOCK.sub("", CREST.sub("", css))
    return without_source_map(ASSET_URL.sub(r"url(\1)", css))


def vendor(package: Package, tarball: Path) -> list[Path]:
    """Writes the package's files under static/vendor/ and returns their paths."""
    target = VENDOR / package.folder
    written = []
    with tarfile.open(tarball) as archive:

        def read(name: str) -> bytes:
            member = archive.extractfile(f"package/{name}")
            if member is None:
                sys.exit(f"{package.name} {package.version} has no file {name}.")
            return member.read()

        def write(name: str, content: bytes) -> None:
            path = target / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
            written.append(path)

        for name in package.files:
            text = read(name).decode()
            if name.endswith(".css"):
                text = council_css(text)
                for image in sorted(set(re.findall(r"url\((images/[^)]+)\)", text))):
                    write(image, read(f"{package.assets}/{image}"))
            write(Path(name).name, without_source_map(text).encode())
    write(  # the tarballs carry no licence text
        "LICENSE.txt", f"The MIT License (MIT)\n\n{package.copyright}\n\n{MIT}".encode()
    )
    return written


def main() -> None:
    manifest = {}
    with tempfile.TemporaryDirectory() as folder:
        # All are checked before anything is written.
        tarballs = {package: fetch(package, Path(folder)) for package in PACKAGES}
        for package, tarball in tarballs.items():
            files = vendor(package, tarball)
            manifest[package.name] = {
                "version": package.version,
                "integrity": package.integrity,
                "files": {
                    path.relative_to(VENDOR).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
                    for path in files
                },
            }
    (VENDOR / "VENDOR.json").write_text(json.dumps(manifest, indent=2) + "\n")
    print(f"Wrote {sum(len(entry['files']) for entry in manifest.values())} files to {VENDOR}")


if __name__ == "__main__":
    main()

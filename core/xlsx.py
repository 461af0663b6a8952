"""Reads the values of an .xlsx workbook that came from outside, in bounded time and memory. Knows no Django.

An .xlsx file is a zip of XML parts. openpyxl's reader holds whole parts in memory, so that a file of 182 kB
can take gigabytes (docs/adr/0008-reading-workbooks.md). This one reads in pieces, counts what it unpacks,
refuses document types and entities, and knows only values: no styles, no formulas (their last computed value
is read), no links.
"""

import math
import posixpath
import re
import zipfile
import zlib
from collections.abc import Callable, Iterator
from datetime import date
from functools import lru_cache
from typing import Any, BinaryIO

from defusedxml.common import DefusedXmlException
from defusedxml.expatreader import create_parser

from core.errors import RuleViolation

Value = str | int | float | bool
Row = tuple[int, dict[int, Value]]
"""The row's number in the sheet and its values by column number, both from 1. Blank cells are left out."""

MEGABYTE = 1024 * 1024
MAX_FILE_BYTES = 20 * MEGABYTE
"""A council's eleven lists with 5,000 children are about 2 MB: this leaves room for pictures and formats."""
MAX_PARTS = 5_000
"""Sheets, comments, pictures and their relations. A workbook with fifty busy sheets has a few hundred."""
MAX_UNPACKED_BYTES = 100 * MEGABYTE
"""What all parts that are read may unpack to. Sheets with 5,000 children unpack to about 10 MB."""
MAX_ELEMENTS = 2_000_000
"""XML elements in all parts that are read: about 20,000 children on four lists, in about five seconds."""
MAX_DEPTH = 32
"""How deep elements nest; a workbook needs eight."""
MAX_COLUMNS = 500
"""Columns beyond are not read. Sheets formatted to their right edge claim 16,384."""
MAX_ROW = 1_048_576
"""The last row that Excel numbers."""

_CHUNK_BYTES = 64 * 1024
_MAX_SILENT_CHUNKS = 4
"""How many pieces may go by inside one tag: the parser reads a tag again from its start with each piece."""
_BOUNDED_COMPRESSION = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
"""What a workbook uses. The other kinds unpack as much as they like from one piece."""
_OLE_MAGIC = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_ENCRYPTED_STREAM = "EncryptedPackage".encode("utf-16-le")
_WHOLE_NUMBERS_EXACT_BELOW = 2**53
_REFERENCE = re.compile(r"([A-Z]{1,3})[0-9]{1,7}")
_ESCAPED = re.compile(r"_x([0-9A-Fa-f]{4})_")

_BAD_INPUT = (
    zipfile.BadZipFile,
    zlib.error,
    EOFError,
    OSError,
    NotImplementedError,
    DefusedXmlException,
    LookupError,  # an encoding that does not exist
    ValueError,
)
"""What the zip and XML readers raise on input that is cut, altered or made to harm."""

_NOT_A_WORKBOOK = (
    "This is not an Excel workbook. Open it in Excel, save it as an Excel workbook (.xlsx) and try again."
)
_DAMAGED = "The workbook is damaged or incomplete. Export it again and try once more."
_TOO_MUCH_INSIDE = (
    "The workbook holds more than this service reads at once. "
    "Save only the sheets that are needed in a new workbook and try again."
)


class UnreadableWorkbook(RuleViolation):
    """The file cannot be read as a workbook: one sentence that says why and what to do."""


class Workbook:
    """An open workbook. Raises UnreadableWorkbook when opened, and while rows are read.

    `sheet_names` are in the workbook's order, as written; `day_zero` is the day that the serial number 0 of
    a date stands for.
    """

    def __init__(self, file: BinaryIO) -> None:
        self._parts = _open_zip(file)
        self._infos = {info.filename.lower(): info for info in self._parts.infolist()}
        self._bytes_left = MAX_UNPACKED_BYTES
        self._elements_left = MAX_ELEMENTS

        main = self._target_of_type("_rels/.rels", "/officeDocument")
        if main is None or main.lower() not in self._infos:
            raise UnreadableWorkbook(_NOT_A_WORKBOOK)
        if main.lower().endswith(".bin"):
            raise UnreadableWorkbook(
                "This is a binary Excel workbook (.xlsb). Save it as an Excel workbook (.xlsx) and try again."
            )
        relations = self._relations(_relations_of(main))
        outline = _Outline()
        self._parse(main, outline)
        self._sheets = {
            name: relations[relation][1] for name, relation in outline.sheets if relation in relations
        }
        self.sheet_names = tuple(self._sheets)
        self.day_zero = date(1904, 1, 1) if outline.counts_from_1904 else date(1899, 12, 30)
        strings = _SharedStrings()
        for kind, target in relations.values():
            if kind.endswith("/sharedStrings"):
                self._parse(target, strings)
        self._strings = strings.texts

    def rows(self, sheet: str) -> Iterator[Row]:
        """The sheet's rows that hold any value, from the top."""
        handler = _SheetRows(self._strings)
        for _ in self._feed(self._sheets[sheet], handler):
            yield from handler.take()

    def _relations(self, part: str) -> dict[str, tuple[str, str]]:
        """By id: what kind of part it is, and its place in the zip."""
        handler = _Relations(posixpath.dirname(posixpath.dirname(part)))
        if part.lower() in self._infos:
            self._parse(part, handler)
        return handler.by_id

    def _target_of_type(self, part: str, kind: str) -> str | None:
        return next(
            (target for type_, target in self._relations(part).values() if type_.endswith(kind)), None
        )

    def _parse(self, part: str, handler: "_Handler") -> None:
        for _ in self._feed(part, handler):
            pass

    def _feed(self, part: str, handler: "_Handler") -> Iterator[None]:
        """Hand the part to the handler piece by piece; yields after each piece."""
        info = self._infos.get(part.lower())
        if info is None or not info.file_size or info.compress_type not in _BOUNDED_COMPRESSION:
            raise UnreadableWorkbook(_DAMAGED)
        handler.count_element = self._count_element
        parser = create_parser(forbid_dtd=True)
        parser.setContentHandler(handler)
        parser.setErrorHandler(handler)
        silent = 0
        try:
            with self._parts.open(info) as stream:
                while chunk := stream.read(_CHUNK_BYTES):
                    self._bytes_left -= len(chunk)
                    if self._bytes_left < 0:
                        raise UnreadableWorkbook(_TOO_MUCH_INSIDE)
                    handler.was_called = False
                    parser.feed(chunk)
                    silent = 0 if handler.was_called else silent + 1
                    if silent > _MAX_SILENT_CHUNKS:
                        raise UnreadableWorkbook(_DAMAGED)
                    yield
            parser.close()
            yield
        except _BAD_INPUT as error:
            raise UnreadableWorkbook(_DAMAGED) from error

    def _count_element(self) -> None:
        self._elements_left -= 1
        if self._elements_left < 0:
            raise UnreadableWorkbook(_TOO_MUCH_INSIDE)


def _open_zip(file: BinaryIO) -> zipfile.ZipFile:
    size = file.seek(0, 2)
    file.seek(0)
    if size == 0:
        raise UnreadableWorkbook("The file is empty. Export the workbook again and choose that file.")
    if size > MAX_FILE_BYTES:
        raise UnreadableWorkbook(
            f"The file is {math.ceil(size / MEGABYTE)} MB and the limit is {MAX_FILE_BYTES // MEGABYTE} MB. "
            "Save only the sheets that are needed in a new workbook and try again."
        )
    start = file.read(len(_OLE_MAGIC))
    if start == _OLE_MAGIC:
        if _ENCRYPTED_STREAM in file.read():
            raise UnreadableWorkbook("The workbook has a password. Save it without one and try again.")
        raise UnreadableWorkbook(
            "This is an older kind of Excel file (.xls). Save it as an Excel workbook (.xlsx) and try again."
        )
    if not start.startswith(b"PK"):
        raise UnreadableWorkbook(_NOT_A_WORKBOOK)
    file.seek(0)
    try:
        parts = zipfile.ZipFile(file)
    except _BAD_INPUT as error:
        raise UnreadableWorkbook(_DAMAGED) from error
    infos = parts.infolist()
    if len(infos) > MAX_PARTS:
        raise UnreadableWorkbook(_TOO_MUCH_INSIDE)
    if any(info.flag_bits & 0x1 for info in infos):
        raise UnreadableWorkbook("The workbook has a password. Save it without one and try again.")
    return parts


def _relations_of(part: str) -> str:
    folder, name = posixpath.split(part)
    return posixpath.join(folder, "_rels", f"{name}.rels")


class _Handler:
    """What the XML parser calls. Elements are known by their name without its prefix."""

    count_element: Callable[[], None]
    was_called: bool

    def __init__(self) -> None:
        self._depth = 0

    def startElement(self, name: str, attributes: Any) -> None:  # noqa: N802 - the parser's name for it
        self.count_element()
        self.was_called = True
        self._depth += 1
        if self._depth > MAX_DEPTH:
            raise UnreadableWorkbook(_DAMAGED)
        self.start(name.rpartition(":")[2], attributes)

    def endElement(self, name: str) -> None:  # noqa: N802
        self.was_called = True
        self._depth -= 1
        self.end(name.rpartition(":")[2])

    def start(self, name: str, attributes: Any) -> None:
        """An element begins."""

    def end(self, name: str) -> None:
        """An element ends."""

    def characters(self, text: str) -> None:
        self.was_called = True
        self.text(text)

    def text(self, text: str) -> None:
        """Text between tags."""

    def fatalError(self, error: Exception) -> None:  # noqa: N802
        raise UnreadableWorkbook(_DAMAGED) from error

    def setDocumentLocator(self, locator: object) -> None:  # noqa: N802
        """Where the parser is does not matter here."""

    def startDocument(self) -> None:  # noqa: N802
        """Nothing to prepare."""

    def endDocument(self) -> None:  # noqa: N802
        """Nothing to finish."""

    def processingInstruction(self, target: str, data: str) -> None:  # noqa: N802
        """Instructions to other programs are passed over."""


class _Relations(_Handler):
    def __init__(self, folder: str) -> None:
        super().__init__()
        self._folder = folder
        self.by_id: dict[str, tuple[str, str]] = {}

    def start(self, name: str, attributes: Any) -> None:
        if name == "Relationship" and attributes.get("TargetMode") != "External":
            place = posixpath.normpath(posixpath.join("/", self._folder, attributes.get("Target", "")))
            self.by_id[attributes.get("Id", "")] = attributes.get("Type", ""), place.lstrip("/")


class _Outline(_Handler):
    """The workbook's own part: its sheets, and which day its dates count from."""

    def __init__(self) -> None:
        super().__init__()
        self.sheets: list[tuple[str, str]] = []
        self.counts_from_1904 = False

    def start(self, name: str, attributes: Any) -> None:
        if name == "workbookPr":
            self.counts_from_1904 = attributes.get("date1904") in ("1", "true")
        elif name == "sheet":
            relation = next((attributes[key] for key in attributes.keys() if key.endswith(":id")), "")  # noqa: SIM118
            self.sheets.append((attributes.get("name", ""), relation))


class _Text(_Handler):
    """Gathers the text of <t> and <v>, leaving out the reading aids of <rPh>."""

    def __init__(self) -> None:
        super().__init__()
        self._pieces: list[str] = []
        self._gathering = False
        self._in_reading_aid = False

    def start(self, name: str, attributes: Any) -> None:  # noqa: ARG002
        if name in ("t", "v"):
            self._gathering = not self._in_reading_aid
        elif name == "rPh":
            self._in_reading_aid = True

    def end(self, name: str) -> None:
        if name in ("t", "v"):
            self._gathering = False
        elif name == "rPh":
            self._in_reading_aid = False

    def text(self, text: str) -> None:
        if self._gathering:
            self._pieces.append(text)

    def take_text(self) -> str:
        text = "".join(self._pieces)
        self._pieces.clear()
        return text


class _SharedStrings(_Text):
    def __init__(self) -> None:
        super().__init__()
        self.texts: list[str] = []

    def end(self, name: str) -> None:
        super().end(name)
        if name == "si":
            self.texts.append(self.take_text())


class _SheetRows(_Text):
    def __init__(self, strings: list[str]) -> None:
        super().__init__()
        self._strings = strings
        self._finished: list[Row] = []
        self._number = self._column = 0
        self._type = "n"
        self._cells: dict[int, Value] = {}

    def take(self) -> list[Row]:
        """The rows that were finished since the last time."""
        finished, self._finished = self._finished, []
        return finished

    def start(self, name: str, attributes: Any) -> None:
        super().start(name, attributes)
        if name == "c":
            reference = _REFERENCE.fullmatch(attributes.get("r", ""))
            self._column = _column_number(reference[1]) if reference else self._column + 1
            self._type = attributes.get("t", "n")
            self._pieces.clear()
        elif name == "row":
            self._number = int(attributes.get("r", self._number + 1))
            if not 1 <= self._number <= MAX_ROW:
                raise UnreadableWorkbook(_DAMAGED)
            self._column = 0
            self._cells = {}

    def end(self, name: str) -> None:
        super().end(name)
        if name == "c":
            text = self.take_text()
            if text and self._column <= MAX_COLUMNS:
                value = self._value(text)
                if value is not None:
                    self._cells[self._column] = value
        elif name == "row" and self._cells:
            self._finished.append((self._number, self._cells))

    def _value(self, text: str) -> Value | None:
        if self._type == "n":
            return _number(text)
        if self._type == "b":
            return text.strip() == "1"
        if self._type == "s":
            index = int(text)
            if not 0 <= index < len(self._strings):
                raise UnreadableWorkbook(_DAMAGED)
            text = self._strings[index]
        return _ESCAPED.sub(lambda match: chr(int(match[1], 16)), text).strip() or None


@lru_cache(maxsize=MAX_COLUMNS)
def _column_number(letters: str) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - ord("A") + 1
    return number


def _number(text: str) -> int | float | None:
    number = float(text)
    if not math.isfinite(number):
        return None
    return int(number) if number.is_integer() and abs(number) < _WHOLE_NUMBERS_EXACT_BELOW else number

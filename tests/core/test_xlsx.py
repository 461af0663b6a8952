"""Workbooks from outside: what is read, and what is refused without harm."""

from __future__ import annotations

import random
import tracemalloc
import zipfile
from collections.abc import Mapping
from datetime import date
from io import BytesIO

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core import xlsx
from core.xlsx import UnreadableWorkbook, Workbook
from tests.factories.annex_a import workbook

OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PARTS = {
    "_rels/.rels": f'<Relationships><Relationship Id="r1" Type="{OFFICE}/officeDocument" Target="xl/workbook.xml"/>'
    "</Relationships>",
    "xl/workbook.xml": f'<workbook xmlns:r="{OFFICE}"><sheets><sheet name="One" r:id="s1"/></sheets></workbook>',
    "xl/_rels/workbook.xml.rels": "<Relationships>"
    f'<Relationship Id="s1" Type="{OFFICE}/worksheet" Target="worksheets/sheet1.xml"/>'
    f'<Relationship Id="s2" Type="{OFFICE}/sharedStrings" Target="/xl/sharedStrings.xml"/></Relationships>',
    "xl/sharedStrings.xml": "<sst><si><t>North</t></si></sst>",
    "xl/worksheets/sheet1.xml": "<worksheet><sheetData/></worksheet>",
}
DAMAGED = "The workbook is damaged or incomplete. Export it again and try once more."
TOO_MUCH = (
    "The workbook holds more than this service reads at once. "
    "Save only the sheets that are needed in a new workbook and try again."
)


def zipped(parts: Mapping[str, str | bytes], compression: int = zipfile.ZIP_DEFLATED) -> BytesIO:
    file = BytesIO()
    with zipfile.ZipFile(file, "w", compression) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    file.seek(0)
    return file


def one_sheet(rows: str | bytes, **parts: str) -> BytesIO:
    """A workbook written by hand; `rows` are the rows of its one sheet."""
    body = rows if isinstance(rows, bytes) else rows.encode()
    sheet = b"<worksheet><sheetData>" + body + b"</sheetData></worksheet>"
    return zipped({**PARTS, "xl/worksheets/sheet1.xml": sheet, **parts})


def rows_of(file: BytesIO, sheet: str = "One") -> list[xlsx.Row]:
    return list(Workbook(file).rows(sheet))


def refusal(file: BytesIO) -> str:
    with pytest.raises(UnreadableWorkbook) as caught:
        rows_of(file)
    return caught.value.sentence


def test_reads_what_a_spreadsheet_program_wrote() -> None:
    file = workbook(
        {"First": [["ID", "When"], [7, date(2026, 10, 31)], [], ["007", True]], "Second": [[1.5]]}
    )
    book = Workbook(file)

    assert book.sheet_names == ("First", "Second")
    assert book.day_zero == date(1899, 12, 30)
    assert list(book.rows("First")) == [
        (1, {1: "ID", 2: "When"}),
        (2, {1: 7, 2: 46326}),
        (4, {1: "007", 2: True}),
    ]
    assert list(book.rows("Second")) == [(1, {1: 1.5})]


@pytest.mark.parametrize(
    ("cell", "value"),
    [
        ('<c t="s"><v>0</v></c>', "North"),
        ('<c t="inlineStr"><is><t> South </t></is></c>', "South"),
        ('<c t="inlineStr"><is><r><rPr/><t>So</t></r><r><t>uth</t></r><rPh><t>x</t></rPh></is></c>', "South"),
        ('<c t="str"><f>A1</f><v>East</v></c>', "East"),
        ('<c t="e"><f>A1</f><v>#N/A</v></c>', "#N/A"),
        ('<c t="b"><v>0</v></c>', False),
        ('<c t="d"><v>2026-10-31</v></c>', "2026-10-31"),
        ("<c><v>5694372.0</v></c>", 5694372),
        ("<c><v>5.694372E6</v></c>", 5694372),
        ('<x:c xmlns:x="u"><x:v>7</x:v></x:c>', 7),
        ('<c t="inlineStr"><is><t>a_x000D_b</t></is></c>', "a\rb"),
    ],
)
def test_kinds_of_cell(cell: str, value: object) -> None:
    assert rows_of(one_sheet(f"<row>{cell}</row>")) == [(1, {1: value})]


@pytest.mark.parametrize(
    "cell", ["<c/>", "<c><f>A1+1</f></c>", '<c t="inlineStr"><is><t>  </t></is></c>', "<c><v>1E999</v></c>"]
)
def test_cells_without_a_value_are_left_out(cell: str) -> None:
    assert rows_of(one_sheet(f"<row>{cell}</row>")) == []


def test_places_of_rows_and_cells_are_as_written_or_follow_on() -> None:
    rows = '<row><c r="C1"><v>1</v></c><c><v>2</v></c></row><row r="9"><c><v>3</v></c></row><row><c><v>4</v></c></row>'
    assert rows_of(one_sheet(rows)) == [(1, {3: 1, 4: 2}), (9, {1: 3}), (10, {1: 4})]


def test_what_a_sheet_claims_to_measure_costs_nothing() -> None:
    rows = '<row r="1048576"><c r="B1048576"><v>1</v></c><c r="XFD1048576"><v>2</v></c></row>'
    claim = f'<worksheet><dimension ref="A1:XFD1048576"/><sheetData>{rows}</sheetData></worksheet>'
    assert rows_of(one_sheet("", **{"xl/worksheets/sheet1.xml": claim})) == [(1048576, {2: 1})]


def test_dates_may_count_from_1904() -> None:
    outline = PARTS["xl/workbook.xml"].replace("<sheets>", '<workbookPr date1904="1"/><sheets>')
    assert Workbook(one_sheet("", **{"xl/workbook.xml": outline})).day_zero == date(1904, 1, 1)


def test_an_empty_file_is_refused() -> None:
    assert refusal(BytesIO()) == "The file is empty. Export the workbook again and choose that file."


def test_a_file_of_200_megabytes_is_refused_unread() -> None:
    class Huge(BytesIO):
        def seek(self, offset: int, whence: int = 0) -> int:
            return 200 * xlsx.MEGABYTE if whence == 2 else super().seek(offset)

        def read(self, size: int | None = -1) -> bytes:
            raise AssertionError(size)

    assert refusal(Huge()) == (
        "The file is 200 MB and the limit is 20 MB. "
        "Save only the sheets that are needed in a new workbook and try again."
    )


OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(512)


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (
            OLE + "EncryptedPackage".encode("utf-16-le"),
            "The workbook has a password. Save it without one and try again.",
        ),
        (
            OLE + "Workbook".encode("utf-16-le"),
            "This is an older kind of Excel file (.xls). Save it as an Excel workbook (.xlsx) and try again.",
        ),
        (
            b"Child Unique ID,Gender\r\n5694372,a) Male\r\n",
            "This is not an Excel workbook. Open it in Excel, save it as an Excel workbook (.xlsx) and try again.",
        ),
        (b"PK\x03\x04 and then nothing that holds", DAMAGED),
    ],
)
def test_other_kinds_of_file(content: bytes, sentence: str) -> None:
    assert refusal(BytesIO(content)) == sentence


def test_another_kind_of_zip_is_not_a_workbook() -> None:
    assert refusal(zipped({"mimetype": "application/vnd.oasis.opendocument.spreadsheet"})) == (
        "This is not an Excel workbook. Open it in Excel, save it as an Excel workbook (.xlsx) and try again."
    )


def test_a_binary_workbook_is_named() -> None:
    relations = PARTS["_rels/.rels"].replace("workbook.xml", "workbook.bin")
    assert refusal(zipped({"_rels/.rels": relations, "xl/workbook.bin": b"\x83\x01"})) == (
        "This is a binary Excel workbook (.xlsb). Save it as an Excel workbook (.xlsx) and try again."
    )


def test_a_zip_with_a_password_is_refused() -> None:
    content = bytearray(one_sheet("").getvalue())
    for signature, flags in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        at = content.find(signature)
        while at >= 0:
            content[at + flags] |= 0x1
            at = content.find(signature, at + 4)
    assert (
        refusal(BytesIO(bytes(content))) == "The workbook has a password. Save it without one and try again."
    )


@pytest.mark.parametrize("kept", [0.3, 0.6, 0.95])
def test_a_truncated_workbook_is_refused(kept: float) -> None:
    content = workbook({"One": [[n, "North"] for n in range(500)]}).getvalue()
    assert refusal(BytesIO(content[: int(len(content) * kept)])) == DAMAGED


def test_a_directory_that_understates_a_part_is_refused() -> None:
    content = bytearray(one_sheet("<row><c><v>1</v></c></row>" * 500).getvalue())
    entry = content.rfind(b"xl/worksheets/sheet1.xml") - 46
    assert content[entry : entry + 4] == b"PK\x01\x02"
    content[entry + 24 : entry + 28] = (200).to_bytes(4, "little")
    assert refusal(BytesIO(bytes(content))) == DAMAGED


@pytest.mark.parametrize(
    "sheet",
    [
        '<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;">]><worksheet>&b;</worksheet>',
        '<!DOCTYPE x SYSTEM "http://127.0.0.1:9/x.dtd"><worksheet/>',
        '<?xml version="1.0" encoding="utf-99"?><worksheet/>',
        "<a>" * 100,
        "<worksheet><sheetData><row>",
        '<worksheet><row r="many"/></worksheet>',
        '<worksheet><row r="99999999999"/></worksheet>',
        '<worksheet><row r="-1"/></worksheet>',
        "<worksheet><row><c><v>many</v></c></row></worksheet>",
        '<worksheet><row><c t="s"><v>1</v></c></row></worksheet>',
        '<worksheet><row><c t="s"><v>-1</v></c></row></worksheet>',
        "",
    ],
)
def test_parts_that_are_broken_or_made_to_harm(sheet: str) -> None:
    assert refusal(one_sheet("", **{"xl/worksheets/sheet1.xml": sheet})) == DAMAGED


def test_kinds_of_compression_that_cannot_be_bounded_are_refused() -> None:
    assert refusal(zipped(PARTS, zipfile.ZIP_BZIP2)) == DAMAGED


def test_a_sheet_whose_part_is_gone_is_refused() -> None:
    assert refusal(zipped({name: part for name, part in PARTS.items() if "sheet1" not in name})) == DAMAGED


def test_more_parts_than_any_workbook_has(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(xlsx, "MAX_PARTS", 4)
    assert refusal(zipped(PARTS)) == TOO_MUCH


@pytest.mark.parametrize(
    ("rows", "peak_megabytes"),
    [
        (b"<row>" + b"<c/>" * 1_000_000 + b"</row>", 2),
        (b"<row><c/></row>" * 500_000, 2),
        (b'<row><c t="inlineStr"><is><t>' + b"a" * 20_000_000 + b"</t></is></c></row>", 12),
    ],
    ids=["cells", "rows", "text"],
)
def test_a_zip_bomb_is_refused_in_bounded_memory(
    rows: bytes, peak_megabytes: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(xlsx, "MAX_ELEMENTS", 50_000)
    monkeypatch.setattr(xlsx, "MAX_UNPACKED_BYTES", 10 * xlsx.MEGABYTE)
    file = one_sheet(rows)
    assert len(file.getvalue()) < xlsx.MEGABYTE / 10
    tracemalloc.start()
    sentence = refusal(file)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert sentence == TOO_MUCH
    assert peak < peak_megabytes * xlsx.MEGABYTE


def test_the_same_bombs_go_off_without_the_limits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(xlsx, "MAX_ELEMENTS", 10**9)
    monkeypatch.setattr(xlsx, "MAX_UNPACKED_BYTES", 10**12)
    assert rows_of(one_sheet(b"<row>" + b"<c/>" * 100_000 + b"</row>")) == []
    assert (
        len(
            str(
                rows_of(
                    one_sheet(b'<row><c t="inlineStr"><is><t>' + b"a" * 1_000_000 + b"</t></is></c></row>")
                )
            )
        )
        > 10**6
    )


def test_one_endless_tag_is_refused_before_it_is_read_over_and_over() -> None:
    assert refusal(one_sheet(b'<row><c t="' + b"a" * 50_000_000 + b'"/></row>')) == DAMAGED


def test_bombs_in_shared_strings_count_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(xlsx, "MAX_ELEMENTS", 1_000)
    assert (
        refusal(one_sheet("", **{"xl/sharedStrings.xml": "<sst>" + "<si/>" * 1_000 + "</sst>"})) == TOO_MUCH
    )


GOOD = workbook(
    {"One": [["Child Unique ID", "Team"], *([n, f"Team {n % 7}"] for n in range(200))]}
).getvalue()


@settings(deadline=None)
@given(seed=st.integers(0, 2**32))
def test_however_a_file_is_altered_it_is_read_or_refused(seed: int) -> None:
    chance = random.Random(seed)
    content = bytearray(GOOD)
    for _ in range(chance.choice((1, 3, 20))):
        at = chance.randrange(len(content))
        content[at : at + chance.choice((0, 1, 40))] = chance.randbytes(chance.choice((0, 1, 5)))
    try:
        rows_of(BytesIO(bytes(content)))
    except UnreadableWorkbook as error:
        assert error.sentence.endswith(".")  # noqa: PT017 - the other outcome is fine, too
    except KeyError as error:
        assert error.args == ("One",)  # noqa: PT017 - the sheet's name was altered

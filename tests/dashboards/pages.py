"""Reading the tables of a page as a person does: by caption, row and column."""

from html.parser import HTMLParser

Table = dict[str, list[str]]
"""The cells of each row by the row's header."""


class _Tables(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: dict[str, Table] = {}
        self.rows: Table = {}
        self.row: list[str] = []
        self.text: list[str] | None = None

    def handle_starttag(self, tag: str, _attrs: list[tuple[str, str | None]]) -> None:
        if tag == "table":
            self.rows = {}
        elif tag == "tr":
            self.row = []
        elif tag in {"caption", "th", "td"}:
            self.text = []

    def handle_data(self, data: str) -> None:
        if self.text is not None:
            self.text.append(data)

    def handle_endtag(self, tag: str) -> None:
        if tag == "tr":
            self.rows[self.row[0]] = self.row[1:]
        elif tag in {"caption", "th", "td"}:
            words = " ".join("".join(self.text or []).split())
            self.text = None
            if tag == "caption":
                self.found[words] = self.rows
            else:
                self.row.append(words)


def tables_of(html: str) -> dict[str, Table]:
    """Each table by its caption; the header row is a row like the others."""
    parser = _Tables()
    parser.feed(html)
    return parser.found

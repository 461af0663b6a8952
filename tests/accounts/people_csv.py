"""Writing people files for the tests."""

import csv
import io

from accounts.people_file import COLUMNS


def people_csv(*people: dict[str, str], columns: tuple[str, ...] = COLUMNS, encoding: str = "utf-8") -> bytes:
    """A file with one row for each person; a cell not given is empty, but for a name and a job role."""
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, columns, lineterminator="\r\n")
    writer.writeheader()
    for person in people:
        name = person.get("email", "").partition("@")[0].replace(".", " ").title()
        writer.writerow({"name": name, "job_role": "Social Worker"} | person)
    return text.getvalue().encode(encoding)

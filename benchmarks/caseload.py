"""How long a caseload takes to read and to import: the first time, and a month later.

    python benchmarks/caseload.py [--children 5000]

Writes to a database of its own, which it creates and drops: SQLite in memory, or beside the one DATABASE_URL names.
"""

import argparse
import os
import resource
import sys
import time
from datetime import date
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings.test")

import django  # the project is found and its settings are named first

django.setup()

from django.db import connection  # noqa: E402

from audits.annex_a import read_caseload  # noqa: E402
from audits.demo.annex_a_workbook import annex_a_workbook  # noqa: E402
from audits.services.caseload import import_caseload  # noqa: E402

DAYS = (date(2026, 10, 31), date(2026, 11, 30), date(2026, 11, 30))


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--children", type=int, default=5000)
    children = parser.parse_args().children
    workbooks = [(annex_a_workbook(children=children, as_at=day), day) for day in DAYS]
    name = connection.creation.create_test_db(verbosity=0)
    try:
        for workbook, day in workbooks:
            start = time.perf_counter()
            caseload = read_caseload(workbook, day)
            read = time.perf_counter()
            made = import_caseload(caseload, by=None)
            done = time.perf_counter()
            print(
                f"as at {day}: {len(caseload.children)} open children, {read - start:.1f} s to read, "
                f"{done - read:.1f} s to import, {made.counts['created']} new, {made.counts['updated']} changed, "
                f"{made.counts['closed']} closed; at most "
                f"{resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024} MB"
            )
    finally:
        connection.creation.destroy_test_db(name, verbosity=0)


if __name__ == "__main__":
    main()

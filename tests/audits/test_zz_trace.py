import re
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from audits.enums import AuditStatus
from audits.models import Audit
from audits.services.moves import finalise_audit, propose_reopening
from audits.services.timescales import add_dates
from tests.factories.audits import *
from tests.audits.test_audit_pages import write_all, page, started_audit, AuditFactory, AllocationFactory, start_audit
from datetime import date
pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("time_machine_at")]

def short(sql):
    return re.sub(r"SELECT .*? FROM", "SELECT … FROM", sql)[:330]

def dump(name, fn):
    with CaptureQueriesContext(connection, ) as c:
        r = fn()
    with open("/tmp/w/polish/trace.txt", "a") as f:
        f.write(f"\n=== {name} {r.status_code}\n")
        for q in c.captured_queries:
            f.write(short(q["sql"]) + "\n")

def test_it(asha, quentin, auditor_client, qa_client):
    open("/tmp/w/polish/trace.txt", "w").close()
    audit = started_audit(asha)
    write_all(audit, asha)
    add_dates(audit, kind="visit", days=[date(2026, 11, 3)], by=asha)
    dump("submit", lambda: auditor_client.post(page(audit, "audit_check")))
    dump("read submitted", lambda: qa_client.get(page(audit, "audit_detail")))
    audit.refresh_from_db()
    finalise_audit(audit, grades={}, by=quentin)
    dump("read final by author", lambda: auditor_client.get(page(audit, "audit_detail")))
    dump("read final by qa", lambda: qa_client.get(page(audit, "audit_detail")))

"""What reports count while an audit is written again, after a return or a reopening (docs/domain.md, section 7)."""

from datetime import UTC, datetime

import pytest

from accounts.models import User
from audits.completeness import SectionContent
from audits.enums import Grade, Section
from audits.models import Audit
from audits.services.audits import save_section, submit_audit
from audits.services.moves import decide_reopening, finalise_audit, propose_reopening, return_audit
from core.dates import Quarter
from core.shares import Ratio
from dashboards.figures import figures_of
from tests.factories.audits import submitted_audit

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("time_machine_at")]

GRADES = ("outstanding", "good", "requires_improvement", "inadequate")
NOON = datetime(2026, 11, 25, 12, 0, tzinfo=UTC)


def counted() -> dict[str, Ratio]:
    """The grades of Visits that have audits, and how many audits were submitted in time, of the quarter."""
    figures = figures_of(Quarter(2026, 3), at=NOON).figures
    shares = {grade: figures[f"visits.{grade}"].now for grade in GRADES}
    return {name: share for name, share in shares.items() if share.numerator} | {
        "return_rate": figures["return_rate"].now
    }


def write(audit: Audit, grade: Grade, *, by: User) -> None:
    row = audit.sections.get(section=Section.VISITS)
    content = SectionContent(grade=grade, evidence="The school wrote.", difference="She talks.")
    save_section(audit, Section.VISITS, content, version=row.version, complete=True, by=by)


def test_the_grades_that_were_last_submitted_or_decided_count_until_it_is_submitted_again(
    asha: User, quentin: User, priya: User
) -> None:
    audit = submitted_audit(by=asha, visits=Grade.OUTSTANDING)
    returned = {"return_rate": Ratio(1, 1)}
    assert counted() == {"outstanding": Ratio(1, 1), **returned}
    return_audit(audit, by=quentin, reason="Say what was seen.")
    write(audit, Grade.GOOD, by=asha)
    assert counted() == {"outstanding": Ratio(1, 1), **returned}
    submit_audit(audit, by=asha)
    assert counted() == {"good": Ratio(1, 1), **returned}

    audit.refresh_from_db()
    finalise_audit(audit, grades={"visits": Grade.REQUIRES_IMPROVEMENT}, by=priya)
    reopening = propose_reopening(audit, by=quentin, reason="The wrong plan was read.")
    decide_reopening(reopening, by=priya, approve=True, reason="")
    write(audit, Grade.OUTSTANDING, by=asha)
    assert counted() == {"requires_improvement": Ratio(1, 1), **returned}
    submit_audit(audit, by=asha)
    assert counted() == {"outstanding": Ratio(1, 1), **returned}

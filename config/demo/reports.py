"""The targets and reports of the demonstration council: past quarters published, the newest in review."""

from datetime import datetime, time, timedelta
from decimal import Decimal

from django.utils import timezone

from accounts.models import User
from core.dates import FinancialYear, Quarter, add_working_days, london_date
from dashboards.composing import Words
from dashboards.selectors.periods import reported_quarters
from dashboards.services.reports import publish_report, save_section, send_report, start_report
from dashboards.services.targets import Typed, set_target, type_figure

WORDS = {
    "headline": Words(
        "{{ overall.good_or_better }} audits are good or better overall; in the quarter before it was "
        "{{ overall.good_or_better.before }}.\n\nAudits still come back too slowly: {{ return_rate }} "
        "of what was owed, "
        "{{ on_time }} by the first due date."
    ),
    "overall": Words(
        "The grades are close to those of the quarter before ({{ overall.good_or_better.change }}). "
        "With so few audits "
        "we do not read more into them."
    ),
    "visits": Words(
        "Visits are good or better in {{ visits.good_or_better }}. Records say clearly why the worker "
        "came; direct work "
        "is often named without saying what the child made of it.",
        "Team managers look in supervision at each visit that was late, and record who agreed to it.",
    ),
    "assessments": Words(
        "Assessments are good or better in {{ assessments.good_or_better }}. Fathers are heard in {{ "
        "voice.father }}; "
        "at least one parent in {{ voice.at_least_one_parent }}.",
        "Each assessment names the father and says how he was asked. Teams use the genogram template.",
    ),
    "supervision": Words(
        "Supervision is good or better in {{ supervision.good_or_better }}. It is regular in most "
        "teams, and reflective "
        "in some of them.",
        "Managers write each action with a name and a date, and begin with those of last time.",
    ),
    "plans": Words(
        "Plans are good or better in {{ plans.good_or_better }} and SMART in every letter in {{ smart.all }}.",
        "Workshops on plans that families can read, for every team.",
    ),
    "meetings": Words(
        "Meetings are good or better in {{ meetings.good_or_better }}. Minutes reach families late.",
        "Business support sends minutes within ten working days and tells the chair when it cannot.",
    ),
    "strengths": Words(
        "Workers know their children well, and children say so. Direct work with younger children is careful and kind."
    ),
    "improvements": Words(
        "Fathers, plans that families understand, and what became of the actions of last time."
    ),
    "feedback": Words(
        "Feedback was obtained in {{ feedback.obtained }} and tried in {{ feedback.attempted }}. "
        "Families felt listened "
        "to in {{ feedback.F3 }} answers."
    ),
    "moderation": Words(
        "Panels decided {{ moderation.coverage }} audits and confirmed {{ moderation.agreed }} of their overall grades."
    ),
    "returns": Words("The social worker took part in {{ worker_involved }} audits. It should be every one."),
    "dip_samples": Words("Auditors who had no child were given dip samples and observations in turn."),
    "teams": Words(
        "The numbers of each team are too small to rank them. Read them beside the team's own learning."
    ),
}
SO_FAR = Words(
    "So far this year {{ overall.good_or_better }} audits are good or better overall. The year is written up in April."
)
REVIEW_TAKES = 5
TARGETS = {
    "return_rate": 95,
    "overall.good_or_better": 60,
    "visits.good_or_better": 65,
    "moderation.coverage": 100,
    "worker_involved": 90,
    "feedback.obtained": 50,
}
VISITS_IN_TIME = (1054, 1029, 1011, 998)
WEEKS = (Decimal("38.5"), Decimal(41), Decimal("42.5"), Decimal(44))


def write_reports(*, qa_lead: User, psw: User, at: datetime) -> None:
    """Each quarter that is over has its report; all but the newest are published, by the services themselves. This
    year's report is begun.
    """
    over = sorted(quarter for quarter in reported_quarters() if quarter.last_day < london_date(at))
    _aim(over, by=qa_lead, at=at)
    for quarter in over:
        sent_at = _morning(quarter, working_days=20, latest=at)
        document = start_report(quarter, by=qa_lead, at=sent_at - timedelta(days=5))
        for key, words in WORDS.items():
            save_section(document, key, words, version=0, by=qa_lead)
        send_report(document, by=qa_lead, at=sent_at)
        if quarter != over[-1]:
            publish_report(document, by=psw, at=_morning(quarter, working_days=20 + REVIEW_TAKES, latest=at))
    year = start_report(FinancialYear.of(london_date(at)), by=qa_lead, at=at)
    save_section(year, "headline", SO_FAR, version=0, by=qa_lead)


def _aim(over: list[Quarter], *, by: User, at: datetime) -> None:
    """What the council aims at from its first quarter on, and what its own performance dashboard says."""
    for code, percent in TARGETS.items():
        set_target(code, over[0] if over else Quarter.of(london_date(at)), percent=percent, by=by, at=at)
    for quarter, visits, weeks in zip(reversed(over), VISITS_IN_TIME, WEEKS, strict=False):
        source = f"Performance dashboard of {quarter}"
        in_time = Typed(quarter, "visit_timeliness", "Visits within timescale", source, visits, 1240)
        type_figure(in_time, by=by, at=at)
        lasting = Typed(
            quarter,
            "assessments.good_or_better",
            "Assessments, mean length",
            source,
            value=weeks,
            unit="working days",
        )
        type_figure(lasting, by=by, at=at)


def _morning(quarter: Quarter, *, working_days: int, latest: datetime) -> datetime:
    day = add_working_days(quarter.last_day, working_days)
    return min(timezone.make_aware(datetime.combine(day, time(10))), latest)

"""What each page of the dashboard is about: which figures it has, and where their counts come from."""

from dataclasses import dataclass

from dashboards.figures import Only
from dashboards.selectors.keys import Source

GRADES, QUESTIONS, COVERAGE, MONTHS = "grades", "questions", "coverage", "months"


@dataclass(frozen=True)
class Subject:
    """One page. `drawn` are the measures with a chart each, `listed` how the codes of all its measures begin in
    the table of measures.
    """

    key: str
    label: str
    listed: tuple[str, ...] = ()
    sources: frozenset[Source] = frozenset()
    drawn: tuple[str, ...] = ()
    of_auditor: bool = True
    """Whether one auditor has figures of it."""
    from_audits: bool = True
    """Whether it says what stands in audits, which a manager reads once they are decided."""

    @property
    def only(self) -> Only:
        return Only(self.listed, self.sources)


SUBJECTS = (
    Subject(
        GRADES,
        "Grades",
        listed=("overall.", "{area}."),
        sources=frozenset({Source.SUBMITTED, Source.GRADES}),
    ),
    Subject(
        QUESTIONS,
        "Practice questions",
        listed=("question.", "visit_timeliness", "voice.", "scrutiny.", "smart."),
        sources=frozenset({Source.PARENTS, Source.PRACTICE}),
    ),
    Subject(
        "returns",
        "Returns and activity",
        listed=("return_rate", "on_time", "volume", "activity"),
        sources=frozenset({Source.LEDGER, Source.ACTIVITY}),
        drawn=("return_rate", "on_time"),
        from_audits=False,
    ),
    Subject(
        "feedback",
        "Families and workers",
        listed=("worker_involved", "feedback."),
        sources=frozenset({Source.SUBMITTED, Source.INVOLVEMENT, Source.FAMILIES}),
        drawn=("feedback.obtained", "feedback.child", "worker_involved"),
    ),
    Subject(
        "moderation",
        "Moderation",
        listed=("moderation.", "panel."),
        sources=frozenset({Source.SUBMITTED, Source.MODERATED, Source.DECISIONS, Source.PANELS}),
        drawn=("moderation.coverage", "moderation.agreed", "moderation.down"),
    ),
    Subject(
        "actions",
        "Actions",
        listed=("actions.", "reaudit.", "hand_off", "recurrence"),
        sources=frozenset({Source.SUBMITTED, Source.AFTERWARDS, Source.ACTIONS, Source.RECURRENCE}),
        drawn=("actions.on_time", "actions.overdue", "actions.verified"),
        of_auditor=False,
        from_audits=False,
    ),
    Subject(
        COVERAGE,
        "Coverage",
        listed=("coverage.",),
        sources=frozenset({Source.CASELOAD}),
        of_auditor=False,
        from_audits=False,
    ),
    Subject(MONTHS, "Month by month"),
)
"""In the order of their tabs."""

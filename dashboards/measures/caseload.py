"""How much of the caseload was looked at. Imports no Django."""

from dashboards.measures.definition import Measure, Unit

CASELOAD = (
    Measure(
        code="coverage.{pathway}",
        label="Caseload audited: {pathway}",
        numerator="Submitted audits of the pathway; the draw takes no child twice within the months set",
        denominator="Children of the pathway whose cases were open at the end of the period",
        excludes="Children known from past audits alone; a child whose case closed since is still among the audited",
        counts=("submitted.{pathway}",),
        of=("at_end.open.{pathway}",),
        unit=Unit.RATIO,
    ),
)

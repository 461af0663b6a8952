"""Who returned audits, and how many there were. Imports no Django."""

from dashboards.measures.definition import Measure, Unit

NOT_IN_THE_LEDGER = (
    "Audits withdrawn; audits brought in from a form service; "
    "an audit given to somebody else counts once, for the person it went to"
)

RETURNS = (
    Measure(
        code="return_rate",
        label="Return rate",
        numerator="Submitted audits",
        denominator="Allocated audits less those excused",
        excludes=NOT_IN_THE_LEDGER,
        counts=("returned",),
        of=("allocated", "-excused"),
    ),
    Measure(
        code="return_rate_gross",
        label="Return rate, nobody excused",
        numerator="Submitted audits",
        denominator="Allocated audits",
        excludes=NOT_IN_THE_LEDGER,
        counts=("returned",),
        of=("allocated",),
    ),
    Measure(
        code="on_time",
        label="Submitted on time",
        numerator="Audits submitted by their first due date, whatever extension was given",
        denominator="Allocated audits less those excused",
        excludes=NOT_IN_THE_LEDGER,
        counts=("on_time",),
        of=("allocated", "-excused"),
    ),
    Measure(
        code="volume",
        label="Change in the number of audits",
        numerator="Submitted audits less those of the period before",
        denominator="Submitted audits of the period before",
        excludes="Audits not submitted and audits withdrawn",
        counts=("submitted", "-submitted_before"),
        of=("submitted_before",),
        unit=Unit.CHANGE,
    ),
)

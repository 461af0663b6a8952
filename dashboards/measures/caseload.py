"""How much was looked at: audits of every kind, and the children of the caseload. Imports no Django."""

from dashboards.measures.definition import Measure, Unit

KINDS = {"cja": "child journey audits", "dip_sample": "dip samples", "observation": "direct observations"}
NOT_STANDING = "What was withdrawn; what was given to somebody else counts once, for the person it went to"

ACTIVITY = (
    Measure(
        code="activity",
        label="Activity: audits of every kind given out",
        numerator="Child journey audits, dip samples and direct observations given out, each once",
        denominator="Nothing: it is a number by itself",
        excludes=NOT_STANDING,
        counts=tuple(f"activity.{kind}" for kind in KINDS),
        of=(),
        unit=Unit.COUNT,
        of_council_only=True,
    ),
    *(
        Measure(
            code=f"activity.{kind}",
            label=f"Activity: {words}",
            numerator=f"The {words} given out",
            denominator="Nothing: it is a number by itself",
            excludes=NOT_STANDING,
            counts=(f"activity.{kind}",),
            of=(),
            unit=Unit.COUNT,
            of_council_only=True,
        )
        for kind, words in KINDS.items()
    ),
    Measure(
        code="activity.handed_in",
        label="Activity: audits of every kind handed in",
        numerator="Child journey audits submitted, dip samples and direct observations handed in, each once",
        denominator="Nothing: it is a number by itself",
        excludes=NOT_STANDING,
        counts=("activity.handed_in",),
        of=(),
        unit=Unit.COUNT,
        of_council_only=True,
    ),
)

COVERAGE = (
    Measure(
        code="coverage.{pathway}",
        label="Caseload audited in twelve months: {pathway}",
        numerator="Of these children, those with a submitted audit in the twelve months up to the end of the period, "
        "each once however often",
        denominator="Children of the pathway whose cases were open at the end of the period",
        excludes="Children whose cases were closed by then, and children known from past audits alone",
        counts=("at_end.audited.{pathway}",),
        of=("at_end.open.{pathway}",),
        unit=Unit.RATIO,
    ),
)

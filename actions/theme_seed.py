"""The themes that every council starts with, and the questions whose findings are tagged with them by themselves
(docs/domain.md, sections 4 and 8). Knows no Django: a migration reads it.
"""

SEED: tuple[tuple[str, str, tuple[str, ...]], ...] = (
    ("visits-late", "Visits late or gaps unexplained", ("V1", "V2")),
    ("not-seen-alone", "Child not seen, or not seen alone", ("V3", "V4")),
    ("childs-voice", "Child's wishes and feelings missing", ("V7", "A9", "P5", "M6")),
    ("direct-work", "Too little direct work", ("V8", "V9")),
    ("fathers-voice", "Father's voice missing", ("V11", "A11", "M5")),
    ("identity", "Culture and identity not considered", ("V10", "A12", "P9")),
    ("changes-of-worker", "Changes of worker", ("V13",)),
    ("keeping-in-touch", "Not in touch with care leavers often enough", ("V14",)),
    ("assessment-late", "Assessment late or out of date", ("A1", "A2")),
    ("analysis", "Assessment describes and does not analyse", ("A3", "A4", "A7")),
    ("chronology", "Chronology missing or not used", ("H7", "A5")),
    ("genogram", "Genogram missing or not used", ("H8", "A6")),
    ("supervision-irregular", "Supervision irregular", ("S1", "S2")),
    ("supervision-not-reflective", "Supervision not reflective", ("S3", "S4")),
    ("management-challenge", "Managers do not challenge", ("S5", "S6", "A15")),
    ("actions-not-followed-up", "Actions not followed up", ("S8", "S13", "M13")),
    ("drift-and-delay", "Drift and delay", ("S9", "M9")),
    ("scrutiny", "IRO or chair's scrutiny not visible", ("S11", "S12", "M10")),
    ("plan-not-smart", "Plan not SMART", ("P3", "S7")),
    ("plan-out-of-date", "Plan out of date or wrong", ("P1", "P2", "P15")),
    ("plan-not-shared-child", "Plan not shared with the child", ("P7",)),
    ("family-not-involved", "Family did not shape the work", ("P6", "P8", "A16", "M4")),
    ("contingency", "No contingency plan", ("P12",)),
    ("permanence", "Permanence unclear", ("P10",)),
    ("life-story", "Life-story work missing", ()),
    ("meetings-late", "Meetings late", ("M1",)),
    ("minutes-late", "Minutes late or incomplete", ("M2",)),
    ("agencies", "Key agencies absent or silent", ("A13", "M7", "M8")),
)
"""By theme: its code, its name, and the questions."""

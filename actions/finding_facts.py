"""What an audit found wanting, and what an action is about, each in one query."""

from actions.enums import FindingKind
from actions.models import Action, Finding
from audits.enums import AREAS, Section
from audits.models import Audit, Question


def answered_wanting(audit: Audit) -> dict[str, str]:
    """By the code of the question: what the audit says of each that it answers No or Not evidenced."""
    found = Finding.objects.filter(audit=audit, kind=FindingKind.ANSWER)
    return dict(found.values_list("about", "text"))


def subject_of(action: Action) -> str:
    """What an action is about: the area, or the question in its audit's words with its code; empty for neither."""
    if action.about in AREAS or not action.about:
        return Section(action.about).label if action.about else ""
    version = action.audit.tool_version_id if action.audit else None
    question = Question.objects.filter(version=version, code=action.about).first()
    return f"{action.about}. {question.text}" if question else action.about

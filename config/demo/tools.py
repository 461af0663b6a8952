"""A new version of an audit tool, as the demonstration council's QA lead would propose it."""

from datetime import datetime

from accounts.models import User
from audits.enums import Grade, Section
from audits.models import Question, Tool
from audits.services.tool_approval import propose_version
from audits.services.tool_drafts import (
    add_question,
    change_descriptors,
    change_question,
    move_question,
    start_draft,
)
from audits.tool_facts import tool_question_of
from audits.tool_files import question_row

BROTHERS_AND_SISTERS = {
    "code": "V15",
    "section": "visits",
    "kind": "practice",
    "ages": {"min_age": 0},
    "text": "Was time with brothers and sisters talked about at the visits?",
    "help": "Whom the child sees, how often, and what the child says about it.",
}
CLEARER = "Was the purpose of each visit clear, and tied to a step in the care plan?"
GOOD_VISITS = (
    "In time bar a short explained slip; seen and, where right, alone; purpose tied to plan; wishes recorded and used; "
    "brothers and sisters part of the conversation"
)
NOTE = (
    "The last two panels found that audits of looked-after children say little about brothers and sisters. V15 asks "
    "for it, and the descriptor of Good names it. V6 was read as any plan; it now says the care plan."
)


def propose_a_tool(*, qa_lead: User, at: datetime) -> None:
    """The tool for children looked after gets a question and clearer words, and waits for approval."""
    draft = start_draft(Tool.objects.get(code="cla"), by=qa_lead, at=at)
    add_question(draft, BROTHERS_AND_SISTERS, by=qa_lead)
    move_question(draft, "V15", up=True, by=qa_lead)
    v6 = question_row(tool_question_of(Question.objects.get(version=draft, code="V6")))
    change_question(draft, "V6", {**v6, "text": CLEARER}, by=qa_lead)
    change_descriptors(draft, Section.VISITS, {Grade.GOOD: GOOD_VISITS}, by=qa_lead)
    propose_version(draft, change_note=NOTE, by=qa_lead, at=at)

"""What an audit still needs before it may be submitted: asked by the page that checks and by the service alike.

One list, `CHECKS`, in the order in which its findings are shown. A check is a function of the audit and its pages;
whatever else an audit needs is one more of them, and neither the page nor the service has an `if` of its own.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from django.urls import reverse
from django.utils import timezone

from audits.enums import Grade, Section
from audits.grading import concern_needed, reason_needed
from audits.grading_facts import concern_is_raised
from audits.involvement import TOOK_PART, other_than_the_log
from audits.models import Audit
from audits.selectors import PageOfAudit, unfinished_sections, worker_log_of
from audits.timescale_facts import Timescales, timescales_of, unexplained


@dataclass(frozen=True)
class Need:
    """One thing to do first: an instruction without its full stop, such as "Complete Visits", and where to do it."""

    sentence: str
    url: str


NEEDS_ACTION = (Grade.REQUIRES_IMPROVEMENT, Grade.INADEQUATE)

Check = Callable[[Audit, list[PageOfAudit]], Iterable[Need]]


def unfinished_pages(audit: Audit, pages: list[PageOfAudit]) -> Iterable[Need]:
    """Every page is complete, judged on what is saved (docs/domain.md, section 4). No query."""
    for section in unfinished_sections(pages):
        url = reverse("audits:section_edit", args=(audit.allocation.reference, section.value))
        yield Need(f"Complete {section.label}", url)


def grades_above_ceilings(audit: Audit, pages: list[PageOfAudit]) -> Iterable[Need]:
    """Each grade above the ceiling on its row has its reason (audits/grading_facts.py, put_ceilings_on). No query."""
    for page in pages:
        if page.row.is_complete and reason_needed(page.content, page.row.ceiling):
            section = Section(page.row.section)
            url = reverse("audits:section_edit", args=(audit.allocation.reference, section.value))
            yield Need(f"Write why you grade {section.label} above what the service advises", url)


def concern_not_raised(audit: Audit, pages: list[PageOfAudit]) -> Iterable[Need]:
    """An immediate concern that W5 speaks of was raised, or a reason says why not. One query where W5 is yes."""
    process = next(page for page in pages if page.row.section == Section.PROCESS)
    if concern_needed(process.content, concern_raised=False) and not concern_is_raised(audit):
        url = reverse("audits:section_edit", args=(audit.allocation.reference, Section.PROCESS.value))
        yield Need(
            "Raise the immediate concern that you answered Yes to in W5, or write why you have not", url
        )


def involvement_of_the_worker(audit: Audit, pages: list[PageOfAudit]) -> Iterable[Need]:
    """W1 and W3 say what the log says, and a worker who took part was told. Two queries, none where no tool asks W1."""
    process = next(page.content.answers for page in pages if page.row.section == Section.PROCESS)
    if "W1" not in process or not process["W1"].value:
        return
    outcomes, told = worker_log_of(audit)
    if other_than_the_log(process, outcomes, told.on if told else None):
        url = reverse("audits:worker_log", args=(audit.allocation.reference,))
        yield Need(
            "Log how the social worker was involved: questions W1 and W3 and the log say different things",
            url,
        )
    elif process["W1"].value == TOOK_PART and not (told and told.text):
        url = reverse("audits:worker_feedback", args=(audit.allocation.reference,))
        yield Need("Write what you told the social worker, who may reply to it", url)


def proposed_actions(audit: Audit, pages: list[PageOfAudit]) -> Iterable[Need]:
    """An action at least below Good, none half written, and none whose day is over (docs/domain.md, section 8).

    Two queries.
    """
    url = reverse("audits:action_list", args=(audit.allocation.reference,))
    due_on = [action.due_on for action in audit.proposed_actions.all()]
    overall = next(page.content.grade for page in pages if page.row.section == Section.OVERALL)
    if overall in NEEDS_ACTION and not due_on:
        yield Need(f"Propose at least one action: the overall grade is {Grade(overall).label}", url)
    if audit.begun_actions.exists():
        yield Need("Add the action that you began, or give it up", url)
    if any(day < timezone.localdate() for day in due_on):
        yield Need("Choose a new due date for the proposed action whose day is over", url)


def answers_that_differ_from_the_dates(
    audit: Audit, pages: list[PageOfAudit], dates: Timescales
) -> Iterable[Need]:
    """Where an answer is another than the dates say, there is a reason (docs/domain.md, section 9). No query."""
    for page in pages:
        for missing in unexplained(page.content, dates.proposals):
            url = reverse("audits:section_edit", args=(audit.allocation.reference, page.row.section))
            yield Need(missing.sentence, url)


CHECKS: tuple[Check, ...] = (
    unfinished_pages,
    grades_above_ceilings,
    concern_not_raised,
    involvement_of_the_worker,
    proposed_actions,
)


def needed_before_submit(
    audit: Audit, pages: list[PageOfAudit], dates: Timescales | None = None
) -> list[Need]:
    """All that is still needed; empty when the audit may be submitted.

    Args:
        pages: those of `contents_of`.
        dates: what `timescales_of` says, where the caller has it already: it is several queries.

    """
    needs = [need for check in CHECKS for need in check(audit, pages)]
    return [*needs, *answers_that_differ_from_the_dates(audit, pages, dates or timescales_of(audit))]

"""What an audit still needs before it may be submitted: asked by the page that checks and by the service alike.

One list, `CHECKS`, in the order in which its findings are shown. A check is a function of the audit and its pages;
whatever else an audit needs is one more of them, and neither the page nor the service has an `if` of its own.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from django.urls import reverse

from audits.models import Audit
from audits.selectors import PageOfAudit, unfinished_sections
from audits.timescale_facts import proposals_for, unexplained


@dataclass(frozen=True)
class Need:
    """One thing to do first: an instruction without its full stop, such as "Complete Visits", and where to do it."""

    sentence: str
    url: str


Check = Callable[[Audit, list[PageOfAudit]], Iterable[Need]]


def unfinished_pages(audit: Audit, pages: list[PageOfAudit]) -> Iterable[Need]:
    """Every page is complete, judged on what is saved (docs/domain.md, section 4). No query."""
    for section in unfinished_sections(pages):
        url = reverse("audits:section_edit", args=(audit.allocation.reference, section.value))
        yield Need(f"Complete {section.label}", url)


def answers_that_differ_from_the_dates(audit: Audit, pages: list[PageOfAudit]) -> Iterable[Need]:
    """Where an answer is another than the dates say, there is a reason (docs/domain.md, section 9).

    One query where no dates were entered, five where some were, none where no question is asked that they answer.
    """
    proposals = proposals_for(audit, {code for page in pages for code in page.content.answers})
    for page in pages:
        for missing in unexplained(page.content, proposals):
            url = reverse("audits:section_edit", args=(audit.allocation.reference, page.row.section))
            yield Need(missing.sentence, url)


CHECKS: tuple[Check, ...] = (
    unfinished_pages,
    answers_that_differ_from_the_dates,
)


def needed_before_submit(audit: Audit, pages: list[PageOfAudit]) -> list[Need]:
    """All that is still needed; empty when the audit may be submitted. `pages` are those of `contents_of`."""
    return [need for check in CHECKS for need in check(audit, pages)]

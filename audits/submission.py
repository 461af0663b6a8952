"""What an audit still needs before it may be submitted: asked by the page that checks and by the service alike.

One list, `CHECKS`, in the order in which its findings are shown. A check is a function of the audit and its pages;
whatever else an audit needs is one more of them, and neither the page nor the service has an `if` of its own.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from django.urls import reverse

from audits.models import Audit
from audits.selectors import PageOfAudit, unfinished_sections


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


CHECKS: tuple[Check, ...] = (unfinished_pages,)


def needed_before_submit(audit: Audit, pages: list[PageOfAudit]) -> list[Need]:
    """All that is still needed; empty when the audit may be submitted. `pages` are those of `contents_of`."""
    return [need for check in CHECKS for need in check(audit, pages)]

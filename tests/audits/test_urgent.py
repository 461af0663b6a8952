"""An audit that is Inadequate overall: managers hear the same day, and have a page they may open."""

from datetime import date, timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from audits.enums import ActionPriority, AuditStatus, Grade, Section
from audits.models import Audit, AuditSection, ProposedAction, UrgentNotice
from audits.selectors import urgent_audits
from audits.services.audits import submit_audit
from audits.services.urgent import tell_managers_of_inadequate
from notifications.emails import render
from notifications.models import Message
from tests.audits.test_audit_services import write_all
from tests.conftest import ClientFor
from tests.factories.accounts import TeamFactory, team_manager
from tests.factories.audits import moment, started_audit, submitted_audit

pytestmark = pytest.mark.django_db

ON = moment(date(2026, 11, 25))


def inadequate(asha: User) -> Audit:
    """An audit of a child of the North team, written to the end and graded Inadequate overall."""
    audit = started_audit(asha, child__team=TeamFactory(name="North"))
    write_all(audit, asha)
    AuditSection.objects.filter(audit=audit, section=Section.OVERALL).update(grade=Grade.INADEQUATE)
    day = timezone.localdate() + timedelta(days=1)
    ProposedAction.objects.create(
        audit=audit,
        what="See her today.",
        why="Nobody has.",
        owner=asha,
        priority=ActionPriority.values[0],
        default_due_on=day,
        due_on=day,
        success="She is seen.",
    )
    return audit


def told() -> list[str]:
    kind = Message.objects.filter(kind="audits.audit_needs_attention")
    return sorted(kind.values_list("recipient__name", flat=True))


def test_when_it_is_submitted_the_two_managers_are_told_and_it_is_recorded(
    asha: User, meera: User, sanjay: User
) -> None:
    audit = inadequate(asha)
    assert told() == []
    submit_audit(audit, by=asha)
    submit_audit(audit, by=asha)
    assert told() == [meera.name, sanjay.name]
    assert sorted(UrgentNotice.objects.values_list("person__name", "told_as")) == [
        (meera.name, "team_manager"),
        (sanjay.name, "service_manager"),
    ]


def test_twin_another_grade_tells_nobody(asha: User, meera: User) -> None:
    audit = inadequate(asha)
    AuditSection.objects.filter(audit=audit, section=Section.OVERALL).update(grade=Grade.GOOD)
    submit_audit(audit, by=asha)
    assert (told(), UrgentNotice.objects.count()) == ([], 0)


def test_an_area_that_is_inadequate_is_not_enough(asha: User, meera: User) -> None:
    audit = submitted_audit(by=asha, overall=Grade.REQUIRES_IMPROVEMENT, visits=Grade.INADEQUATE)
    assert tell_managers_of_inadequate(audit, at=ON) == []


def test_without_managers_the_qa_lead_and_the_psw_are_told(asha: User, quentin: User, priya: User) -> None:
    submit_audit(inadequate(asha), by=asha)
    assert told() == [priya.name, quentin.name]


def test_mail_has_the_reference_and_a_link_and_neither_grade_nor_child(asha: User, meera: User) -> None:
    audit = inadequate(asha)
    submit_audit(audit, by=asha)
    mail = render(
        Message.objects.select_related("recipient").get(kind="audits.audit_needs_attention", recipient=meera)
    )
    words = " ".join((mail.subject, str(mail.body), str(mail.alternatives[0][0])))
    assert f"/audits/{audit.allocation.reference}/urgent/" in words
    child = audit.allocation.audited_child.reference
    assert [word for word in (child, "nadequate", "concern") if word in words] == []


@pytest.mark.usefixtures("meera", "sanjay", "quentin", "priya", "stella")
def test_the_link_opens_for_everybody_who_got_it(asha: User, client_for: ClientFor) -> None:
    audit = inadequate(asha)
    submit_audit(audit, by=asha)
    url = reverse("audits:audit_urgent", args=(audit.allocation.reference,))
    answers = {one.name: client_for(one).get(url).status_code for one in User.objects.order_by("name")}
    assert answers == {
        "Asha Auditor": 404,
        "Meera Manager": 200,
        "Priya Principal": 200,
        "Quentin Lead": 200,
        "Sanjay Service": 200,
        "Stella Stranger": 404,
    }
    meera = User.objects.get(name="Meera Manager")
    assert client_for(meera).get(f"/audits/{audit.allocation.reference}/").status_code == 404


def test_the_page_says_why_who_was_told_and_what_is_due(
    asha: User, meera: User, manager_client: Client
) -> None:
    audit = submitted_audit(
        by=asha, overall=Grade.INADEQUATE, allocation={"child__team": TeamFactory(name="North")}
    )
    tell_managers_of_inadequate(audit, at=ON)
    page = manager_client.get(reverse("audits:audit_urgent", args=(audit.allocation.reference,))).text
    for words in (
        audit.allocation.audited_child.reference,
        "The record of 3 November shows it.",
        "By 27 November 2026",
        "By 2 December 2026",
        "Meera Manager, Team manager",
    ):
        assert words in page


def test_a_draft_is_read_by_nobody_there_either(asha: User, meera: User, manager_client: Client) -> None:
    audit = submitted_audit(
        by=asha, overall=Grade.INADEQUATE, allocation={"child__team": TeamFactory(name="North")}
    )
    tell_managers_of_inadequate(audit, at=ON)
    Audit.objects.filter(pk=audit.pk).update(status=AuditStatus.RETURNED)
    AuditSection.objects.filter(audit=audit).update(evidence="Half a thought")
    page = manager_client.get(reverse("audits:audit_urgent", args=(audit.allocation.reference,))).text
    assert "Half a thought" not in page
    assert "is writing the audit again" in page


def test_a_manager_who_takes_the_child_over_reads_it_and_one_of_another_team_does_not(
    asha: User, meera: User
) -> None:
    south = TeamFactory(name="South")
    sonia = team_manager("Sonia South", south)
    audit = submitted_audit(
        by=asha, overall=Grade.INADEQUATE, allocation={"child__team": TeamFactory(name="North")}
    )
    tell_managers_of_inadequate(audit, at=ON)
    assert [list(urgent_audits(one)) for one in (meera, sonia)] == [[audit], []]
    child = audit.allocation.audited_child
    child.team = south
    child.save()
    assert [list(urgent_audits(one)) for one in (meera, sonia)] == [[audit], [audit]]


def test_a_good_audit_has_no_such_page(quentin: User, qa_client: Client) -> None:
    audit = submitted_audit()
    assert (
        qa_client.get(reverse("audits:audit_urgent", args=(audit.allocation.reference,))).status_code == 404
    )

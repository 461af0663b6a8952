"""The programme's pages as those who run it use them, and as others meet them."""

import re
from datetime import date

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import Team, User
from audits.enums import AllocationStatus, Pathway, RoundStatus
from audits.models import Allocation, Audit, Child, ProgrammeSettings, Round
from audits.services.rounds import draw_round, publish_round
from notifications.models import Message
from tests.conftest import AssertQueries, ClientFor
from tests.factories.accounts import TeamFactory, auditor
from tests.factories.audits import (
    AllocationFactory,
    AuditFactory,
    ChildFactory,
    RoundFactory,
    submitted_audit,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("time_machine_at", "only_cjas")]

NOVEMBER, DECEMBER = date(2026, 11, 1), date(2026, 12, 1)
LIST, DRAW = "/programme/", "/programme/draw/"
DETAIL, PUBLISH = "/programme/2026-12/", "/programme/2026-12/publish/"
SWAP = "/programme/2026-12/CJA-2026-12-001/swap/"
SETTINGS = "/setup/programme/"
REMINDER_SETTINGS = {
    "first_nudge_before": "10",
    "second_nudge_before": "3",
    "late_nudge_after": "1",
    "service_manager_after": "5",
    "assistant_director_after": "10",
    "line_manager_extension": "3",
    "days_when_reallocated": "8",
    "months_graded": "9",
    "months_without_supervision": "2",
}


@pytest.fixture
def north(db: None) -> Team:
    """North, with eight children, and four auditors who may read them."""
    team = TeamFactory(name="North")
    for _ in range(8):
        ChildFactory(team=team)
    for n in range(4):
        auditor(f"Auditor {n}")
    return team


@pytest.fixture
def draft(north: Team) -> Round:
    return draw_round(DECEMBER, by=None, cjas=3, seed=1)


def text_of(html: str) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", html).split())


@pytest.mark.usefixtures("north")
def test_a_month_from_plan_to_published(qa_client: Client) -> None:
    assert "Plan December 2026" in text_of(qa_client.get(LIST).text)
    page = text_of(qa_client.get(DRAW, {"month": "2026-12-01"}).text)
    assert "You get a draft to review; nobody is told." in page
    response = qa_client.post(DRAW, {"month": "2026-12-01", "cjas": "3", "seed": "7"}, follow=True)
    assert response.redirect_chain == [(DETAIL, 302)]
    page = text_of(response.text)
    assert "December 2026 is drawn. Nobody has been told: review it, then publish it." in page
    assert "Seed 7:" in page
    assert page.count("Swap auditor") == 3
    page = text_of(qa_client.get(PUBLISH).text)
    assert "Publishing gives out 3 audits, due on 31 December 2026, and tells 3 auditors by mail." in page
    assert page.count("@council.example") == 3
    assert Message.objects.count() == 0
    page = text_of(qa_client.post(PUBLISH, follow=True).text)
    assert "December 2026 is published. 3 auditors are being told by mail." in page
    assert page.count("Not started") == 3
    assert "Swap auditor" not in page
    assert (Audit.objects.count(), Message.objects.count()) == (3, 3)
    assert "Published 31 December 2026 3 0 of 3" in text_of(qa_client.get(LIST).text)


def test_publishing_twice_is_publishing_once(qa_client: Client, draft: Round) -> None:
    qa_client.post(PUBLISH)
    response = qa_client.post(PUBLISH, follow=True)
    assert "December 2026 is published. 3 auditors are being told by mail." in text_of(response.text)
    assert (Audit.objects.count(), Message.objects.count()) == (3, 3)
    assert qa_client.get(PUBLISH).url == DETAIL


def test_business_support_prepares_and_does_not_publish(support_client: Client, draft: Round) -> None:
    page = text_of(support_client.get(DETAIL).text)
    assert "The QA lead or the Principal Social Worker publishes it." in page
    assert "Check and publish" not in page
    assert support_client.get(PUBLISH).status_code == 404
    assert support_client.post(PUBLISH).status_code == 404
    assert support_client.post(DRAW, {"month": "2026-12-01", "cjas": "2"}).url == DETAIL
    assert Audit.objects.count() == 0


def test_the_swap_page_offers_those_who_may_and_says_why_others_may_not(
    qa_client: Client, draft: Round, asha: User
) -> None:
    allocation = draft.allocations.get(reference="CJA-2026-12-001")
    full = draft.allocations.exclude(pk=allocation.pk).select_related("auditor").first()
    [free] = [n for n in range(4) if not draft.allocations.filter(auditor__name=f"Auditor {n}").exists()]
    page = qa_client.get(SWAP).text
    assert re.findall(r'<option value="([^"]+)"', page) == [f"auditor.{free}@council.example"]
    assert "Asha Auditor works in the child&#x27;s team." in page
    assert f"{full.auditor.name} has no room this month." in page
    data = {"auditor": f"auditor.{free}@council.example", "reason": "On leave"}
    response = qa_client.post(SWAP, data, follow=True)
    assert f"CJA-2026-12-001 is now Auditor {free}'s. Nobody has been told yet." in text_of(
        response.text
    ).replace("&#x27;", "'")
    allocation.refresh_from_db()
    assert allocation.auditor.name == f"Auditor {free}"
    assert allocation.because.endswith(": On leave")


def test_the_swap_page_when_nobody_else_may(qa_client: Client, north: Team) -> None:
    draw_round(DECEMBER, by=None, cjas=4, seed=1)
    page = text_of(qa_client.get(SWAP).text)
    assert "Nobody else can take this child this month." in page
    assert "Give it to" not in page


def test_only_submitted_audits_are_linked(qa_client: Client, support_client: Client, quentin: User) -> None:
    audit = submitted_audit(month=DECEMBER)
    AuditFactory(allocation=AllocationFactory(round=audit.allocation.round))
    links = re.findall(r'href="(/audits/[^"]+)"', qa_client.get(DETAIL).text)
    assert links == [reverse("audits:audit_detail", args=(audit.allocation.reference,))]
    assert qa_client.get(links[0]).status_code == 200
    assert "/audits/CJA" not in support_client.get(DETAIL).text


def test_a_blocked_auditor_cannot_be_posted(qa_client: Client, draft: Round, asha: User) -> None:
    before = draft.allocations.get(reference="CJA-2026-12-001").auditor
    response = qa_client.post(SWAP, {"auditor": asha.email})
    assert "Select a valid choice" in response.text
    assert draft.allocations.get(reference="CJA-2026-12-001").auditor == before


def test_a_published_allocation_is_not_swapped_here(qa_client: Client, draft: Round) -> None:
    publish_round(draft, by=None)
    assert qa_client.get(SWAP).url == DETAIL
    assert qa_client.post(SWAP, {"auditor": "auditor.3@council.example"}).url == DETAIL


def test_what_is_not_covered_is_shown_with_its_reason(qa_client: Client, north: Team) -> None:
    Child.objects.update(pathway=Pathway.LEAVING_CARE)
    draw_round(DECEMBER, by=None, cjas=6, seed=1)
    reason = (
        "No auditor has room this month: Auditor 0, Auditor 1, Auditor 2, Auditor 3 can take 4 in all; 6 of"
    )
    for url in (DETAIL, PUBLISH):
        assert text_of(qa_client.get(url).text).count(reason) == 2


def test_the_check_page_says_what_has_changed_since_the_draw(qa_client: Client, draft: Round) -> None:
    row = draft.allocations.get(reference="CJA-2026-12-002")
    Child.objects.filter(pk=row.child_id).update(closed_on=NOVEMBER)
    sentence = f"CJA-2026-12-002: child {row.child} is no longer open. Draw the month again."
    page = text_of(qa_client.get(PUBLISH).text)
    assert sentence in page
    assert "Publish and tell" not in page
    assert sentence in text_of(qa_client.post(PUBLISH, follow=True).text)
    draft.refresh_from_db()
    assert draft.status == RoundStatus.DRAFT


@pytest.mark.parametrize(
    ("data", "error"),
    [
        ({"month": "2026-10-01", "cjas": "3"}, "Select a valid choice"),
        ({"month": "2027-01-01", "cjas": "3"}, "Select a valid choice"),
        ({"month": "2026-12-01", "cjas": "0"}, "Child journey audits must be 1 or more"),
        ({"month": "2026-12-01", "cjas": "501"}, "Child journey audits must be 500 or less"),
        ({"month": "2026-12-01", "cjas": "3", "seed": str(2**63)}, "must be 9223372036854775807 or less"),
        ({"month": "", "cjas": ""}, "Enter child journey audits"),
    ],
)
@pytest.mark.usefixtures("north")
def test_what_cannot_be_drawn(qa_client: Client, data: dict[str, str], error: str) -> None:
    """October is over and January is published."""
    RoundFactory(month=date(2027, 1, 1))
    response = qa_client.post(DRAW, data)
    assert error in text_of(response.text)
    assert "<title>Error: Plan a month" in response.text
    assert Round.objects.count() == 1


def test_without_a_caseload_the_page_says_what_to_do(qa_client: Client) -> None:
    response = qa_client.post(DRAW, {"month": "2026-12-01", "cjas": "3"})
    assert "There are no open children to draw from. Import the caseload first." in text_of(response.text)
    assert "No month has been drawn" in text_of(qa_client.get(LIST).text)


def test_drawing_again_warns_of_what_is_lost(qa_client: Client, draft: Round) -> None:
    page = text_of(qa_client.get(DRAW).text)
    assert "Drawing a month again replaces its draft, with every auditor you swapped." in page
    assert "December 2026 (replaces its draft)" in page


def test_settings(qa_client: Client) -> None:
    same = {"cjas_per_month": "25", "months_between_audits": "12", "own_team_blocked": "on"}
    same |= dict.fromkeys(Pathway.values, "1") | REMINDER_SETTINGS
    response = qa_client.post(
        SETTINGS, {**same, "cjas_per_month": "30", "cla": "1.5", "front_door": "0"}, follow=True
    )
    assert "Saved. The next draw uses these settings" in text_of(response.text)
    kept = ProgrammeSettings.current()
    assert (kept.draws_mix, kept.line_manager_extension, kept.days_when_reallocated) == (False, 3, 8)
    assert (kept.cjas_per_month, kept.months_between_audits, kept.own_team_blocked) == (30, 12, True)
    assert (kept.months_graded, kept.months_without_supervision) == (9, 2)
    assert kept.pathway_weights == {"cla": "1.5", "front_door": "0"}
    assert re.findall(r'name="cla" value="([^"]+)"', qa_client.get(SETTINGS).text) == ["1.5"]
    qa_client.post(SETTINGS, same)
    assert ProgrammeSettings.current().pathway_weights == {}
    nothing = qa_client.post(SETTINGS, {**same, **dict.fromkeys(Pathway.values, "0")})
    assert "Give at least one pathway a weight above 0." in text_of(nothing.text)
    refused = qa_client.post(SETTINGS, {**same, "cla": "", "cjas_per_month": "501"})
    assert "Enter the weight of Child looked after" in text_of(refused.text)
    assert ProgrammeSettings.objects.count() == 1


@pytest.mark.parametrize(
    ("changed", "sentence"),
    [
        ({"first_nudge_before": "3"}, "Send the first reminder earlier than the second."),
        ({"service_manager_after": "1"}, "Tell the service manager later than the auditor."),
        ({"assistant_director_after": "5"}, "Tell the assistant director later than the service manager."),
        ({"late_nudge_after": "0"}, "must be 1 or more"),
    ],
)
def test_reminders_fall_in_their_order(qa_client: Client, changed: dict[str, str], sentence: str) -> None:
    data = {"cjas_per_month": "25", "months_between_audits": "12", "own_team_blocked": "on"}
    data |= dict.fromkeys(Pathway.values, "1") | REMINDER_SETTINGS
    assert sentence in text_of(qa_client.post(SETTINGS, data | changed).text)
    assert ProgrammeSettings.objects.count() == 0
    assert qa_client.post(SETTINGS, data | {"first_nudge_before": "12"}).status_code == 302
    assert ProgrammeSettings.current().reminder_offsets == {
        "first_nudge": -12,
        "second_nudge": -3,
        "late_nudge": 1,
        "service_manager": 5,
        "assistant_director": 10,
    }


def test_strangers_find_nothing(
    client_for: ClientFor, draft: Round, asha: User, meera: User, sid: User
) -> None:
    """A month that is there answers exactly as one that is not."""
    for person in (asha, meera, sid):
        client = client_for(person)
        for url in (
            LIST,
            DRAW,
            DETAIL,
            PUBLISH,
            SWAP,
            SETTINGS,
            "/programme/2027-01/",
            "/programme/2026-13/",
        ):
            assert client.get(url).status_code == 404, url
            assert client.post(url).status_code == 404, url
    assert draft.allocations.filter(status=AllocationStatus.PROPOSED).count() == 3


def test_settings_are_not_business_supports(support_client: Client) -> None:
    assert support_client.get(SETTINGS).status_code == 404


@pytest.mark.parametrize("rows", [1, 3])
def test_queries_of_the_list(qa_client: Client, assert_queries: AssertQueries, rows: int) -> None:
    for n in range(rows):
        AllocationFactory(round=RoundFactory(month=date(2026, n + 1, 1)))
    with assert_queries(4):
        qa_client.get(LIST)


@pytest.mark.parametrize("rows", [1, 3])
@pytest.mark.parametrize("published", [False, True])
def test_queries_of_a_round(
    qa_client: Client,
    north: Team,
    quentin: User,
    assert_queries: AssertQueries,
    rows: int,
    *,
    published: bool,
) -> None:
    made = draw_round(DECEMBER, by=quentin, cjas=rows)
    if published:
        publish_round(made, by=quentin)
    with assert_queries(3):
        qa_client.get(DETAIL)


@pytest.mark.parametrize("rows", [1, 3])
def test_queries_of_the_check_and_swap_pages(
    qa_client: Client, north: Team, assert_queries: AssertQueries, rows: int
) -> None:
    draw_round(DECEMBER, by=None, cjas=rows)
    with assert_queries(18):
        qa_client.get(PUBLISH)
    with assert_queries(17):
        qa_client.get(SWAP)


def test_long_rounds_have_pages(qa_client: Client, north: Team) -> None:
    auditor("Busy Auditor", capacity=20)
    for _ in range(20):
        ChildFactory(team=north)
    draw_round(DECEMBER, by=None, cjas=24)
    Allocation.objects.filter(reference="CJA-2026-12-024").update(reference="CJA-2026-12-026")
    Allocation.objects.bulk_create(
        AllocationFactory.build(
            round=Round.objects.get(),
            reference=f"CJA-2026-12-0{number}",
            status=AllocationStatus.PROPOSED,
            child=ChildFactory(team=north),
            auditor=User.objects.get(name="Busy Auditor"),
        )
        for number in (24, 25)
    )
    first = qa_client.get(DETAIL).text
    assert len(re.findall(r"scope=.row.[^>]*>\s+CJA-2026-12-\d{3}", first)) == 25
    assert "CJA-2026-12-026" in qa_client.get(DETAIL, {"page": "2"}).text


def test_the_front_page_points_to_the_draft(psw_client: Client, draft: Round) -> None:
    page = psw_client.get(reverse("my_work")).text
    assert f'href="{DETAIL}"' in page

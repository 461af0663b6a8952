"""What an import does to the caseload, and what it refuses."""

from __future__ import annotations

import threading
from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from django.db import connection, connections
from django.test.utils import CaptureQueriesContext

from accounts.models import Team, User
from audits.annex_a import Caseload, read_caseload
from audits.enums import ImportStatus, Pathway
from audits.models import CaseloadImport, Child, Holding, ImportReject
from audits.services import caseload as service
from audits.services.caseload import (
    apply_import,
    caseload_of,
    discard_import,
    import_caseload,
    plan_import,
    preview_import,
)
from core.errors import RuleViolation
from tests.factories.accounts import TeamFactory
from tests.factories.annex_a import Row, annex_a, row
from tests.factories.audits import ChildFactory

pytestmark = pytest.mark.django_db

SEPTEMBER, OCTOBER, NOVEMBER = date(2026, 9, 30), date(2026, 10, 31), date(2026, 11, 30)


def caseload(as_at: date = OCTOBER, **lists: list[Row]) -> Caseload:
    return read_caseload(annex_a(**lists), as_at)


def numbers(made: CaseloadImport) -> dict[str, Any]:
    return {name: made.counts[name] for name in ("created", "updated", "closed", "unchanged", "kept")}


def counts(
    created: int = 0, updated: int = 0, closed: int = 0, unchanged: int = 0, kept: int = 0
) -> dict[str, int]:
    return {"created": created, "updated": updated, "closed": closed, "unchanged": unchanged, "kept": kept}


def holdings(reference: str) -> list[tuple[str, str, str, date, date | None]]:
    rows = Holding.objects.filter(child__reference=reference).order_by("starts_on", "pk")
    return list(rows.values_list("team__name", "worker_name", "reviewer_name", "starts_on", "ends_on"))


def test_a_first_import_creates_children_teams_and_holdings(quentin: User) -> None:
    made = import_caseload(
        caseload(
            cla=[
                row(
                    "A1",
                    started=date(2025, 3, 12),
                    **{"Child's Legal Status": "C2: FCO", "IRO": "Ines Okoro"},
                )
            ],
            cin=[row("A1"), row("A2", **{"Allocated Team": "South"}), row("A3", **{"Allocated Team": None})],
        ),
        by=quentin,
    )
    child = Child.objects.get(reference="A1")
    assert {name: getattr(child, name) for name in service._COPIED} == {
        "birth_year": 2015,
        "birth_month": 6,
        "sex": "female",
        "ethnicity": "White British",
        "disability": "no",
        "pathway": "cla",
        "pathway_started_on": date(2025, 3, 12),
        "legal_status": "C2: FCO",
        "unaccompanied": False,
        "worker_name": "Wren Hale",
        "reviewer_name": "Ines Okoro",
        "sibling_group": "",
    }
    assert (child.team.name, child.team.service, child.closed_on) == ("North", None, None)
    assert holdings("A1") == [("North", "Wren Hale", "Ines Okoro", OCTOBER, None)]
    assert set(Team.objects.unplaced().values_list("name", flat=True)) == {"North", "South"}
    assert made.counts == {
        "as_at": "2026-10-31",
        "open_children": 2,
        "by_pathway": {"cin": 1, "cp": 0, "cla": 1, "leaving_care": 0},
        "by_team": {"North": 1, "South": 1},
        "created": 2,
        "updated": 0,
        "closed": 0,
        "unchanged": 0,
        "kept": 0,
        "new_teams": ["North", "South"],
        "notes": [],
        "rejected": 1,
    }
    assert (made.number, made.status, made.by, made.decided_by) == (1, ImportStatus.APPLIED, quentin, quentin)
    (reject,) = ImportReject.objects.all()
    assert (reject.caseload_import, reject.sheet, reject.row, reject.child, reject.reason) == (
        made,
        "List 6",
        4,
        "A3",
        "The row has no team.",
    )


def test_the_same_workbook_again_changes_nothing() -> None:
    import_caseload(caseload(cin=[row("A1"), row("A2")]), by=None)
    before = list(Child.objects.values()), list(Holding.objects.values()), list(Team.objects.values())
    made = import_caseload(caseload(cin=[row("A2"), row("A1")]), by=None)
    assert numbers(made) == counts(unchanged=2)
    assert (
        list(Child.objects.values()),
        list(Holding.objects.values()),
        list(Team.objects.values()),
    ) == before


@pytest.mark.parametrize(
    ("cells", "field", "value"),
    [
        ({"Gender": "a) Male"}, "sex", "male"),
        ({"Ethnicity": "h) AIND"}, "ethnicity", "Indian"),
        ({"Date of Birth": date(2015, 7, 1)}, "birth_month", 7),
        ({"Does the Child have a Disability": "a) Yes"}, "disability", "yes"),
        ({"started": date(2026, 10, 1)}, "pathway_started_on", date(2026, 10, 1)),
        ({"Family identifier": "77"}, "sibling_group", "77"),
        ({"UASC": "Yes"}, "unaccompanied", True),
        ({"Legal status": "V2"}, "legal_status", "V2"),
    ],
)
def test_any_changed_fact_is_an_update(cells: dict[str, Any], field: str, value: object) -> None:
    import_caseload(caseload(cin=[row("A1"), row("A2")]), by=None)
    made = import_caseload(caseload(NOVEMBER, cin=[row("A1", **cells), row("A2")]), by=None)
    assert numbers(made) == counts(updated=1, unchanged=1)
    assert Child.objects.values_list(field, flat=True).get(reference="A1") == value
    assert holdings("A1") == [("North", "Wren Hale", "", OCTOBER, None)]


def test_holdings_are_dated_when_team_worker_or_reviewer_change() -> None:
    import_caseload(caseload(SEPTEMBER, cin=[row("A1")]), by=None)
    import_caseload(
        caseload(OCTOBER, cp=[row("A1", **{"Allocated Worker": "Ola Reed"})], cin=[row("A1")]), by=None
    )
    import_caseload(
        caseload(
            NOVEMBER,
            cla=[row("A1", **{"Allocated Team": "East", "Allocated Worker": "Ola Reed", "IRO": "Ines"})],
        ),
        by=None,
    )
    assert holdings("A1") == [
        ("North", "Wren Hale", "", SEPTEMBER, OCTOBER),
        ("North", "Ola Reed", "", OCTOBER, NOVEMBER),
        ("East", "Ola Reed", "Ines", NOVEMBER, None),
    ]
    assert Child.objects.get().pathway == Pathway.CLA


def test_a_child_who_is_gone_is_closed_and_a_returning_one_opened_again() -> None:
    import_caseload(caseload(SEPTEMBER, cin=[row("A1"), row("A2")]), by=None)
    gone = import_caseload(caseload(OCTOBER, cin=[row("A2")]), by=None)
    assert numbers(gone) == counts(closed=1, unchanged=1)
    assert Child.objects.get(reference="A1").closed_on == OCTOBER
    assert holdings("A1") == [("North", "Wren Hale", "", SEPTEMBER, OCTOBER)]

    back = import_caseload(caseload(NOVEMBER, cin=[row("A1"), row("A2")]), by=None)
    assert numbers(back) == counts(updated=1, unchanged=1)
    assert Child.objects.get(reference="A1").closed_on is None
    assert holdings("A1") == [
        ("North", "Wren Hale", "", SEPTEMBER, OCTOBER),
        ("North", "Wren Hale", "", NOVEMBER, None),
    ]


def test_a_child_whose_only_row_is_rejected_stays_as_they_are() -> None:
    import_caseload(caseload(cin=[row("A1"), row("A2")]), by=None)
    made = import_caseload(
        caseload(NOVEMBER, cin=[row("A1"), row("A2", **{"Allocated Team": "#N/A"})]), by=None
    )
    assert numbers(made) == counts(unchanged=1, kept=1)
    assert Child.objects.get(reference="A2").closed_on is None


def test_a_rejected_row_that_shows_the_child_closed_closes_them() -> None:
    import_caseload(caseload(cin=[row("A1"), row("A2")]), by=None)
    closed = row("A2", closed=date(2026, 11, 5), **{"Allocated Team": "#N/A"})
    assert numbers(import_caseload(caseload(NOVEMBER, cin=[row("A1"), closed]), by=None)) == counts(
        unchanged=1, closed=1
    )


def test_a_known_team_keeps_its_spelling_and_its_service() -> None:
    north = TeamFactory(name="North Team")
    made = import_caseload(caseload(cin=[row("A1", **{"Allocated Team": " NORTH\u00a0team "})]), by=None)
    assert Child.objects.get().team == north
    assert (made.counts["by_team"], made.counts["new_teams"]) == ({"North Team": 1}, [])


def test_an_older_caseload_is_refused() -> None:
    import_caseload(caseload(OCTOBER, cin=[row("A1")]), by=None)
    with pytest.raises(RuleViolation) as refused:
        import_caseload(caseload(SEPTEMBER, cin=[row("A2")]), by=None)
    assert refused.value.sentence == (
        "The caseload as at 31 October 2026 was imported already, so one as at 30 September 2026 would undo it. "
        "Export a newer workbook and import that."
    )
    assert list(Child.objects.values_list("reference", "closed_on")) == [("A1", None)]


def test_a_workbook_without_a_list_that_children_are_on_is_refused() -> None:
    import_caseload(caseload(cla=[row("A1"), row("A2")], cin=[row("A1"), row("A2")]), by=None)
    with pytest.raises(RuleViolation) as refused:
        plan_import(replace(caseload(NOVEMBER, cin=[row("A1"), row("A2")]), missing_lists=(7, 8)))
    assert refused.value.sentence == (
        "The workbook has no List 8, but 2 open children are on it (child looked after). "
        "Add the list, with its headings alone if nobody is on it any more."
    )


# Preview, apply, discard


def test_a_preview_changes_no_child_and_remembers_everything(quentin: User) -> None:
    read = caseload(cla=[row("A1", started=date(2025, 3, 12))], cin=[row("A2"), row(None)])
    preview = preview_import(read, by=quentin)
    assert (
        Child.objects.count(),
        Team.objects.filter(name="North").count(),
        ImportReject.objects.count(),
    ) == (0, 0, 0)
    preview.refresh_from_db()
    assert caseload_of(preview) == read


def test_a_new_preview_discards_the_same_persons_earlier_one(quentin: User, priya: User) -> None:
    mine = preview_import(caseload(cin=[row("A1")]), by=quentin)
    theirs = preview_import(caseload(cin=[row("A1")]), by=priya)
    preview_import(caseload(cin=[row("A2")]), by=quentin)
    mine.refresh_from_db()
    theirs.refresh_from_db()
    assert (mine.status, mine.payload, theirs.status) == (ImportStatus.DISCARDED, {}, ImportStatus.PREVIEW)


def test_applying_twice_is_applying_once(quentin: User, priya: User) -> None:
    preview = preview_import(caseload(cin=[row("A1")]), by=quentin)
    stale = CaseloadImport.objects.get(pk=preview.pk)
    first = apply_import(preview, by=quentin)
    second = apply_import(stale, by=priya)
    assert (second.pk, second.number, second.decided_by, second.payload) == (first.pk, 1, quentin, {})
    assert Holding.objects.count() == 1


def test_a_discarded_import_cannot_be_applied_and_an_applied_one_not_discarded(quentin: User) -> None:
    preview = preview_import(caseload(cin=[row("A1")]), by=quentin)
    discard_import(preview, by=quentin)
    assert (discard_import(preview, by=quentin).status, preview.payload) == (ImportStatus.DISCARDED, {})
    with pytest.raises(RuleViolation, match="This import was discarded. Upload the workbook again."):
        apply_import(preview, by=quentin)
    applied = import_caseload(caseload(cin=[row("A1")]), by=quentin)
    with pytest.raises(RuleViolation, match="This import was applied already."):
        discard_import(applied, by=quentin)
    assert Child.objects.count() == 1


def test_many_closings_need_a_yes(quentin: User) -> None:
    import_caseload(caseload(cin=[row(f"A{n}") for n in range(1, 11)]), by=None)
    most = [row(f"A{n}") for n in range(1, 9)]
    assert plan_import(caseload(NOVEMBER, cin=most)).many_closings == ""

    preview = preview_import(caseload(NOVEMBER, cin=most[:-1]), by=quentin)
    with pytest.raises(RuleViolation) as refused:
        apply_import(preview, by=quentin)
    assert refused.value.sentence == (
        "This file would close 3 of 10 open children. Check that it holds every list and every team. "
        "If it does, tick the box to say so and apply it again."
    )
    preview.refresh_from_db()
    assert (preview.status, preview.number, Child.objects.open().count()) == (ImportStatus.PREVIEW, None, 10)
    assert numbers(apply_import(preview, by=quentin, many_closings_accepted=True)) == counts(
        unchanged=7, closed=3
    )


def test_a_refused_apply_leaves_the_preview_waiting(quentin: User) -> None:
    preview = preview_import(caseload(SEPTEMBER, cin=[row("A1")]), by=quentin)
    import_caseload(caseload(OCTOBER, cin=[row("A2")]), by=None)
    with pytest.raises(RuleViolation, match="The caseload as at 31 October 2026 was imported already"):
        apply_import(preview, by=quentin)
    preview.refresh_from_db()
    assert (preview.status, preview.payload["children"][0]["reference"]) == (ImportStatus.PREVIEW, "A1")


def test_no_name_of_a_child_is_stored(quentin: User) -> None:
    preview = preview_import(
        caseload(cin=[row("A1", **{"Child's Name": "Jamie Example"}), row("Sam Example")]), by=quentin
    )
    assert "Example" not in str(CaseloadImport.objects.filter(pk=preview.pk).values())
    apply_import(preview, by=quentin)
    everything = [
        str(list(model.objects.values())) for model in (Child, Holding, ImportReject, CaseloadImport)
    ]
    assert "Example" not in "".join(everything)


# At once, and quickly


@pytest.mark.services
@pytest.mark.django_db(transaction=True)
def test_two_imports_at_once_never_mix() -> None:
    """Whoever comes second waits, and is told to try again where both had looked before either wrote."""
    books = [
        caseload(cin=[row(f"{who}{n}", **{"Allocated Team": who}) for n in range(1, 40)]) for who in "ABCD"
    ]
    outcomes: list[str] = []
    together = threading.Barrier(len(books))

    def run(book: Caseload) -> None:
        together.wait()
        try:
            import_caseload(book, by=None)
            outcomes.append("applied")
        except RuleViolation as refusal:
            outcomes.append(refusal.sentence)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=(book,)) for book in books]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    applied = outcomes.count("applied")
    refused = "Another import was applied at the same moment. Nothing was changed: look at the caseload and try again."
    assert applied >= 1
    assert outcomes.count(refused) == len(books) - applied
    assert sorted(CaseloadImport.objects.applied().values_list("number", flat=True)) == list(
        range(1, applied + 1)
    )
    last = CaseloadImport.objects.applied().latest("number")
    assert dict(last.counts["by_team"]) == {
        child.team.name: 39 for child in Child.objects.open().select_related("team")
    }
    assert Child.objects.open().count() == 39
    assert Holding.objects.filter(ends_on__isnull=True).count() == 39


def queries_of_an_import(as_at: date, many: int) -> int:
    book = caseload(
        as_at,
        cin=[row(f"{as_at:%b}{n}", **{"Allocated Team": f"T{n}"}) for n in range(1, many + 1)]
        + [row(f"K{n}", **{"Allocated Worker": f"{as_at}"}) for n in range(1, many + 1)]
        + [row(None, Gender=str(n)) for n in range(many)],
    )
    with CaptureQueriesContext(connection) as captured:
        import_caseload(book, by=None)
    return len(captured)


def test_the_number_of_queries_does_not_grow_with_the_caseload() -> None:
    import_caseload(caseload(SEPTEMBER, cin=[row(f"K{n}") for n in range(1, 4)]), by=None)
    assert queries_of_an_import(OCTOBER, 1) == queries_of_an_import(NOVEMBER, 3) == 20


def test_planning_takes_three_queries() -> None:
    ChildFactory()
    book = caseload(cin=[row("A1"), row("A2")])
    with CaptureQueriesContext(connection) as captured:
        plan_import(book)
    assert len(captured) == 3

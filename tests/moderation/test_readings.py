"""What a moderator writes, records and explains."""

from __future__ import annotations

import pytest

from accounts.models import User
from audits.enums import Grade
from core.errors import RuleViolation
from moderation.enums import FormQuality, ReadingStatus, Reason
from moderation.models import Panel, Reading, ReadingDifference
from moderation.services.readings import (
    GradeGiven,
    ReadingContent,
    StaleReading,
    content_of,
    explain_reading,
    record_reading,
    save_reading,
)
from moderation.services.seats import remove_member
from tests.factories.audits import submitted_audit
from tests.factories.moderation import (
    WHY,
    in_meeting,
    reading_content,
    recorded,
    released_panel,
    seat_of,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def panel(priya: User, mona: User, felix: User) -> Panel:
    return released_panel(submitted_audit(), chair=priya, moderators=[mona, felix])


@pytest.fixture
def reading(panel: Panel) -> Reading:
    return Reading.objects.select_related("moderator", "tabling__panel").get(tabling__panel=panel)


@pytest.fixture
def blind_reading(priya: User, mona: User, felix: User) -> Reading:
    released_panel(submitted_audit(), chair=priya, moderators=[mona, felix], blind=True)
    return Reading.objects.select_related("moderator", "tabling__panel").get()


def test_a_draft_keeps_blanks_and_counts_its_saves(reading: Reading) -> None:
    content = ReadingContent({"visits": GradeGiven(Grade.GOOD), "plans": GradeGiven("", "Half a thought")})
    saved = save_reading(reading, content, version=0, by=reading.moderator)
    assert (saved.version, saved.status) == (1, ReadingStatus.TO_DO)
    assert content_of(saved) == content
    assert save_reading(reading, content, version=0, by=reading.moderator).version == 1


def test_a_stale_tab_changes_nothing(reading: Reading) -> None:
    first = ReadingContent({"visits": GradeGiven(Grade.GOOD)})
    save_reading(reading, first, version=0, by=reading.moderator)
    other = ReadingContent({"visits": GradeGiven(Grade.INADEQUATE)})
    for write in (save_reading, record_reading):
        whole = other if write is save_reading else reading_content(reading.tabling)
        with pytest.raises(StaleReading):
            write(reading, whole, version=0, by=reading.moderator)
    assert content_of(Reading.objects.get(pk=reading.pk)) == first


def test_only_its_moderator_writes_it(reading: Reading, priya: User, stella: User) -> None:
    for by in (priya, stella):
        with pytest.raises(RuleViolation, match="somebody else's"):
            save_reading(reading, ReadingContent(), version=0, by=by)


def test_recording_asks_for_every_grade_and_the_quality_of_the_form(reading: Reading) -> None:
    whole = reading_content(reading.tabling)
    for content, sentence in (
        (
            ReadingContent({**whole.given, "visits": GradeGiven()}, FormQuality.GAPS),
            "Give Visits a grade.",
        ),
        (
            ReadingContent({**whole.given, "overall": GradeGiven(Grade.NOT_APPLICABLE)}, FormQuality.GAPS),
            "Give Overall a grade.",
        ),
        (ReadingContent(whole.given), "Say how well the form is filled in."),
    ):
        with pytest.raises(RuleViolation, match=sentence):
            record_reading(reading, content, version=0, by=reading.moderator)
    assert Reading.objects.get().status == ReadingStatus.TO_DO


@pytest.mark.parametrize(
    "given",
    [
        GradeGiven(Grade.INADEQUATE, WHY),
        GradeGiven(Grade.INADEQUATE, " ", (Reason.OUTDATED,)),
        GradeGiven(Grade.INADEQUATE, WHY, ("invented",)),
    ],
)
def test_a_difference_needs_a_reason_and_words(reading: Reading, given: GradeGiven) -> None:
    whole = reading_content(reading.tabling)
    content = ReadingContent({**whole.given, "plans": given}, FormQuality.GAPS)
    with pytest.raises(RuleViolation, match="Plans and planning: your grade differs"):
        record_reading(reading, content, version=0, by=reading.moderator)


def test_a_recorded_reading_has_its_reasons_and_no_longer_changes(reading: Reading) -> None:
    done = recorded(reading, plans=Grade.INADEQUATE)
    assert (done.status, done.recorded_at is not None) == (ReadingStatus.COMPLETE, True)
    assert list(
        ReadingDifference.objects.values_list(
            "reading_grade__section", "auditor_grade", "reasons", "narrative"
        )
    ) == [("plans", "good", ["outdated"], WHY)]
    content = reading_content(reading.tabling, plans=Grade.INADEQUATE)
    assert record_reading(reading, content, version=0, by=reading.moderator).pk == done.pk
    with pytest.raises(RuleViolation, match="no longer change"):
        record_reading(reading, reading_content(reading.tabling), version=9, by=reading.moderator)
    with pytest.raises(RuleViolation, match="no longer change"):
        save_reading(reading, ReadingContent(), version=done.version, by=reading.moderator)


def test_the_quality_of_the_form_is_apart_from_the_grade(reading: Reading) -> None:
    done = recorded(reading)
    assert (done.form_quality, done.form_note) == (FormQuality.GAPS, "Dates are missing.")


def test_a_blind_reading_gives_what_it_rests_on_then_its_reasons(blind_reading: Reading) -> None:
    by = blind_reading.moderator
    whole = reading_content(blind_reading.tabling, plans=Grade.INADEQUATE)
    silent = ReadingContent(
        {**whole.given, "visits": GradeGiven(Grade.GOOD)}, whole.form_quality, whole.form_note
    )
    with pytest.raises(RuleViolation, match="Visits: say what the grade rests on"):
        record_reading(blind_reading, silent, version=0, by=by)
    with pytest.raises(RuleViolation, match="Record your own grades first"):
        explain_reading(blind_reading, given={}, by=by)
    done = record_reading(blind_reading, whole, version=0, by=by)
    assert done.status == ReadingStatus.RECORDED
    assert ReadingDifference.objects.count() == 0
    with pytest.raises(RuleViolation, match="Plans and planning: your grade differs"):
        explain_reading(blind_reading, given={}, by=by)
    explained = explain_reading(
        blind_reading, given={"plans": GradeGiven(note=WHY, reasons=(Reason.OUTDATED,))}, by=by
    )
    assert explained.status == ReadingStatus.COMPLETE
    assert ReadingDifference.objects.get().reasons == ["outdated"]
    assert explain_reading(blind_reading, given={}, by=by).status == ReadingStatus.COMPLETE


def test_a_blind_reading_that_agrees_is_complete_at_once(blind_reading: Reading) -> None:
    assert recorded(blind_reading).status == ReadingStatus.COMPLETE


def test_a_member_taken_off_writes_no_more(reading: Reading, panel: Panel, priya: User) -> None:
    remove_member(seat_of(panel, reading.moderator), reason="On leave.", by=priya)
    with pytest.raises(RuleViolation, match="no longer asked for"):
        save_reading(reading, ReadingContent(), version=0, by=reading.moderator)


def test_once_the_panel_meets_nothing_is_recorded(reading: Reading, panel: Panel, priya: User) -> None:
    in_meeting(panel, by=priya)
    with pytest.raises(RuleViolation, match="The panel has met"):
        recorded(reading)

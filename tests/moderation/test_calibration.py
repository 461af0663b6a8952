"""Calibration exercises (docs/domain.md, section 7, R11)."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from accounts.models import User
from audits.enums import AuditStatus, Grade
from audits.models import Audit
from core.errors import RuleViolation
from core.shares import Ratio
from moderation.calibrating import names_left, spread_of
from moderation.fairness_work import calibration_to_grade
from moderation.models import CalibrationExercise, CalibrationGrade
from moderation.services.calibration import (
    finished,
    grade_calibration,
    open_calibration,
    prepare_calibration,
    sweep_calibrations,
    write_calibration_text,
)
from moderation.services.calibration_reminders import remind_to_grade
from notifications.models import Message
from tests.factories.accounts import auditor
from tests.factories.audits import moment, submitted_audit
from tests.factories.fairness import calibration

TODAY = date(2026, 11, 16)
NOW = moment(TODAY)
CLOSES = date(2026, 11, 30)
SECTIONS = ("visits", "assessments", "supervision", "plans", "meetings", "overall")


def all_of(grade: str, *, but: tuple[str, ...] = ()) -> dict[str, tuple[str, str]]:
    return {section: (grade, "") for section in SECTIONS if section not in but}


def mails(kind: str) -> list[str]:
    return sorted(Message.objects.filter(kind=kind).values_list("recipient__name", flat=True))


class TestSpread:
    def test_counts_pairs_and_steps(self) -> None:
        spread = spread_of(["good", "good", "inadequate", "good"], reference="good")
        assert spread.counts == (
            ("outstanding", 0),
            ("good", 3),
            ("requires_improvement", 0),
            ("inadequate", 1),
        )
        assert (spread.graded, spread.steps_apart) == (4, 2)
        assert (spread.agreeing_pairs, spread.as_reference) == (Ratio(3, 6), Ratio(3, 4))

    def test_nobody_graded(self) -> None:
        spread = spread_of([])
        assert (spread.graded, spread.steps_apart) == (0, 0)
        assert spread.agreeing_pairs == Ratio(0, 0)

    @given(st.lists(st.sampled_from(["outstanding", "good", "requires_improvement", "inadequate"])))
    def test_agreeing_pairs_are_counted_by_hand(self, grades: list[str]) -> None:
        pairs = [(a, b) for n, a in enumerate(grades) for b in grades[n + 1 :]]
        assert spread_of(grades).agreeing_pairs == Ratio(sum(a == b for a, b in pairs), len(pairs))


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("Wren Hale visited.", ["Wren Hale"]),
        ("WREN visited; zoë was seen.", ["Wren Hale", "Zoe O'Neill"]),
        ("The renewal of the plan", []),
        ("Child 7000012 was seen.", ["7000012"]),
        ("The worker visited.", []),
    ],
)
def test_names_that_are_still_there(text: str, left: list[str]) -> None:
    assert names_left(text, ["Wren Hale", "Zoe O'Neill", "7000012"]) == left


@pytest.mark.django_db
class TestPreparing:
    def test_the_graded_texts_are_copied_unchecked(self, quentin: User) -> None:
        audit = submitted_audit(visits=Grade.NOT_APPLICABLE)
        made = prepare_calibration(audit, title="A child in need", by=quentin, at=NOW)
        assert (made.reference, made.status, made.source) == ("CAL-2026-27-Q3-1", "draft", audit)
        assert [(text.section, text.is_checked) for text in made.texts.all()] == [
            (section, False) for section in SECTIONS[1:]
        ]
        assert made.texts.get(section="plans").text == (
            "The record of 3 November shows it.\n\n"
            "What is different for this child: She sleeps through the night."
        )

    def test_the_next_of_a_quarter_has_the_next_number(self, quentin: User) -> None:
        for number in (1, 2):
            made = prepare_calibration(submitted_audit(), title="Again", by=quentin, at=NOW)
            assert made.reference == f"CAL-2026-27-Q3-{number}"

    def test_a_draft_audit_gives_none(self, quentin: User) -> None:
        audit = submitted_audit()
        Audit.objects.filter(pk=audit.pk).update(status=AuditStatus.VOID)
        audit.refresh_from_db()
        with pytest.raises(RuleViolation, match="has been submitted"):
            prepare_calibration(audit, title="No", by=quentin, at=NOW)

    def test_an_auditor_prepares_none(self, asha: User) -> None:
        with pytest.raises(RuleViolation, match="prepare calibration exercises"):
            prepare_calibration(submitted_audit(), title="No", by=asha, at=NOW)

    def test_a_text_with_a_name_in_it_is_not_called_checked(self, quentin: User) -> None:
        audit = submitted_audit()
        Audit.objects.filter(pk=audit.pk).update(worker_name="Wren Hale")
        audit.refresh_from_db()
        text = prepare_calibration(audit, title="A child", by=quentin, at=NOW).texts.get(section="visits")
        with pytest.raises(RuleViolation, match="Take out first what tells who it is about: Wren Hale"):
            write_calibration_text(
                text, words="Wren visited.", is_checked=True, reference_grade="", by=quentin
            )
        kept = write_calibration_text(
            text, words="Wren visited.", is_checked=False, reference_grade="good", by=quentin
        )
        assert (kept.text, kept.is_checked, kept.reference_grade) == ("Wren visited.", False, "good")


@pytest.mark.django_db
class TestOpening:
    def test_everybody_who_grades_is_told(self, asha: User, quentin: User, priya: User, bella: User) -> None:
        calibration(quentin, at=NOW, closes_on=CLOSES)
        assert mails("moderation.calibration_opened") == ["Asha Auditor", "Priya Principal", "Quentin Lead"]

    def test_not_before_every_text_is_checked(self, quentin: User) -> None:
        exercise = calibration(quentin, at=NOW)
        exercise.texts.filter(section="plans").update(is_checked=False)
        with pytest.raises(RuleViolation, match="Plans and planning"):
            open_calibration(exercise, closes_on=CLOSES, by=quentin, at=NOW)

    def test_its_last_day_lies_ahead(self, quentin: User) -> None:
        with pytest.raises(RuleViolation, match="lies ahead"):
            open_calibration(calibration(quentin, at=NOW), closes_on=TODAY, by=quentin, at=NOW)

    def test_texts_no_longer_change(self, quentin: User) -> None:
        text = calibration(quentin, at=NOW, closes_on=CLOSES).texts.first()
        assert text is not None
        with pytest.raises(RuleViolation, match="What people grade no longer changes"):
            write_calibration_text(text, words="Other", is_checked=True, reference_grade="", by=quentin)


@pytest.mark.django_db
class TestGrading:
    @pytest.fixture
    def exercise(self, asha: User, quentin: User) -> CalibrationExercise:
        return calibration(quentin, at=NOW, closes_on=CLOSES)

    def test_grades_are_kept_and_may_change(self, exercise: CalibrationExercise, asha: User) -> None:
        grade_calibration(exercise, grades=all_of("good"), by=asha, at=NOW)
        grade_calibration(exercise, grades={"visits": ("inadequate", "Unseen.")}, by=asha, at=NOW)
        rows = CalibrationGrade.objects.filter(person=asha).order_by("text")
        assert [row.grade for row in rows] == ["inadequate", *["good"] * 5]
        assert finished(exercise) == [asha.pk]

    def test_nobody_sees_others_before_it_closes(
        self, exercise: CalibrationExercise, asha: User, quentin: User, priya: User
    ) -> None:
        grade_calibration(exercise, grades=all_of("good"), by=asha, at=NOW)
        seen = CalibrationGrade.objects
        assert [seen.visible_to(person).count() for person in (asha, quentin, priya)] == [6, 0, 0]
        assert sweep_calibrations(at=moment(CLOSES)) == 0
        assert sweep_calibrations(at=moment(CLOSES + timedelta(days=1))) == 1
        assert [seen.visible_to(person).count() for person in (asha, quentin, priya)] == [6, 6, 6]

    def test_others_see_none_at_all(self, exercise: CalibrationExercise, asha: User, bella: User) -> None:
        grade_calibration(exercise, grades=all_of("good"), by=asha, at=NOW)
        sweep_calibrations(at=moment(CLOSES + timedelta(days=1)))
        assert CalibrationGrade.objects.visible_to(bella).exists() is False
        assert CalibrationExercise.objects.visible_to(bella).exists() is False

    def test_its_last_day_counts_and_the_next_does_not(
        self, exercise: CalibrationExercise, asha: User
    ) -> None:
        grade_calibration(exercise, grades=all_of("good"), by=asha, at=moment(CLOSES))
        with pytest.raises(RuleViolation, match="not open"):
            grade_calibration(exercise, grades=all_of("good"), by=asha, at=moment(CLOSES + timedelta(days=1)))

    @pytest.mark.parametrize("grades", [{"visits": ("not_applicable", "")}, {"header": ("good", "")}])
    def test_only_grades_of_the_scale_for_its_texts(
        self, exercise: CalibrationExercise, asha: User, grades: dict[str, tuple[str, str]]
    ) -> None:
        with pytest.raises(RuleViolation, match="one of the four grades"):
            grade_calibration(exercise, grades=grades, by=asha, at=NOW)

    def test_who_does_not_audit_does_not_grade(self, exercise: CalibrationExercise, bella: User) -> None:
        with pytest.raises(RuleViolation, match="grade"):
            grade_calibration(exercise, grades=all_of("good"), by=bella, at=NOW)

    def test_my_work_asks_until_all_is_graded(
        self, exercise: CalibrationExercise, asha: User, bella: User
    ) -> None:
        (item,) = calibration_to_grade(asha, TODAY)
        assert (item.title, item.due_on) == (f"Grade the calibration exercise {exercise.reference}", CLOSES)
        grade_calibration(exercise, grades=all_of("good", but=("visits",)), by=asha, at=NOW)
        (item,) = calibration_to_grade(asha, TODAY)
        assert item.what.startswith("5 of 6 graded.")
        grade_calibration(exercise, grades=all_of("good"), by=asha, at=NOW)
        assert calibration_to_grade(asha, TODAY) == []
        assert calibration_to_grade(bella, TODAY) == []

    def test_those_who_have_not_graded_are_reminded_once_before_it_closes(
        self, exercise: CalibrationExercise, asha: User, quentin: User
    ) -> None:
        auditor("Bo Auditor")
        grade_calibration(exercise, grades=all_of("good"), by=asha, at=NOW)
        assert remind_to_grade(at=moment(CLOSES - timedelta(days=5))) == 0
        assert remind_to_grade(at=moment(CLOSES - timedelta(days=4))) == 2
        assert mails("moderation.calibration_reminder") == ["Bo Auditor", "Quentin Lead"]
        assert remind_to_grade(at=moment(CLOSES)) == 0

"""The learning brief: chosen, written, published by two people, one page, and nobody is named in it."""

import json
from collections.abc import Callable
from datetime import UTC, date, datetime
from io import BytesIO
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.test import Client
from docx import Document
from pypdf import PdfReader

from accounts.enums import Role
from accounts.models import User
from actions.models import Theme
from audits.models import Answer, ExportRecord, Question
from audits.querysets import GOOD_PRACTICE
from audits.work import work_of
from core.dates import Quarter
from core.errors import RuleViolation
from core.guards import drop_guards
from core.shares import Ratio
from dashboards.brief import MOST_POINTS, BriefContents, BriefSection
from dashboards.brief_files import brief_file
from dashboards.enums import LONGEST_POINT, PointKind, ReportStatus
from dashboards.guards import GUARDS
from dashboards.models import BriefPoint, BriefVersion, LearningBrief
from dashboards.selectors.briefs import ThemeFound, themes_found
from dashboards.services.briefs import (
    Point,
    StaleBrief,
    add_point,
    change_point,
    correct_brief,
    names_in_brief,
    publish_brief,
    remove_point,
    return_brief,
    save_brief,
    send_brief,
    start_brief,
)
from notifications.models import Message
from tests.conftest import AssertQueries, ClientFor
from tests.factories.accounts import TeamFactory, person
from tests.factories.audits import ChildFactory, submitted_audit
from tests.factories.paths import finding_of

pytestmark = pytest.mark.django_db

AT = datetime(2026, 11, 25, 10, 0, tzinfo=UTC)
FOUND = Point(PointKind.FOUND, "Fathers are heard in few assessments.")
GOOD = Point(PointKind.GOOD, "The worker rang the father in the evening.\nHe said what he hoped for.")


@pytest.fixture
def brief(quentin: User) -> LearningBrief:
    made = start_brief("Hearing fathers", by=quentin, at=AT)
    add_point(made, FOUND, by=quentin)
    add_point(made, GOOD, by=quentin)
    return made


def published(brief: LearningBrief, quentin: User, priya: User) -> BriefVersion:
    send_brief(brief, by=quentin, at=AT)
    return publish_brief(brief, by=priya, at=AT)


class TestWriting:
    def test_references_count_the_briefs_of_the_year(self, brief: LearningBrief, priya: User) -> None:
        second = start_brief("Another", by=priya, at=AT)
        assert [brief.reference, second.reference] == ["BRIEF-2026-01", "BRIEF-2026-02"]

    @pytest.mark.parametrize(
        "act",
        [
            lambda brief, who: start_brief("Mine", by=who),
            lambda brief, who: save_brief(brief, title="x", opening="", version=2, by=who),
            lambda brief, who: add_point(brief, FOUND, by=who),
            lambda brief, who: remove_point(brief.points.first(), by=who),
            lambda brief, who: send_brief(brief, by=who),
        ],
    )
    def test_only_the_qa_team_writes(
        self, brief: LearningBrief, meera: User, act: Callable[[LearningBrief, User], object]
    ) -> None:
        with pytest.raises(RuleViolation) as refusal:
            act(brief, meera)
        assert refusal.value.sentence == "The QA lead and the Principal Social Worker write learning briefs."
        assert brief.points.count() == 2

    def test_a_stale_tab_loses_nothing(self, brief: LearningBrief, quentin: User, priya: User) -> None:
        brief.refresh_from_db()
        save_brief(brief, title="Fathers", opening="First.", version=brief.version, by=priya)
        point = brief.points.get(kind=PointKind.FOUND)
        with pytest.raises(StaleBrief) as stale:
            change_point(point, kind=PointKind.FOUND, words="Second.", version=brief.version, by=quentin)
        assert stale.value.brief.title == "Fathers"
        assert brief.points.get(kind=PointKind.FOUND).words == FOUND.words

    def test_the_page_holds_so_many_points(self, brief: LearningBrief, quentin: User) -> None:
        for number in range(MOST_POINTS[PointKind.FOUND] - 1):
            add_point(brief, Point(PointKind.FOUND, f"Point {number}."), by=quentin)
        with pytest.raises(RuleViolation) as refusal:
            add_point(brief, FOUND, by=quentin)
        assert refusal.value.sentence == (
            "What audits found: 4 points are as many as the page holds. Take one out first."
        )

    @pytest.mark.parametrize(
        ("kept", "sentence"),
        [
            (PointKind.GOOD, "Say at least one thing that audits found."),
            (PointKind.FOUND, "Say at least once what good looks like."),
        ],
    )
    def test_both_halves_are_needed(
        self, brief: LearningBrief, quentin: User, kept: str, sentence: str
    ) -> None:
        remove_point(brief.points.exclude(kind=kept).get(), by=quentin)
        with pytest.raises(RuleViolation) as refusal:
            send_brief(brief, by=quentin)
        assert refusal.value.sentence == sentence


class TestNames:
    @pytest.mark.parametrize(
        "words",
        [
            "Done well in CJA-2026-11-014.",
            "As for child ZX4711.",
            "Meera Manager did this.",
            "Wanda Worker did this.",
            "The North team did this.",
            "Seen in the Care Team 1 alone.",
        ],
    )
    def test_nobody_is_named(self, brief: LearningBrief, quentin: User, meera: User, words: str) -> None:
        TeamFactory(name="Care Team 1")
        ChildFactory(reference="ZX4711", worker_name="Wanda Worker")
        add_point(brief, Point(PointKind.NEXT, words), by=quentin)
        with pytest.raises(RuleViolation) as refusal:
            send_brief(brief, by=quentin)
        assert refusal.value.sentence.startswith("A brief names no child, worker or team. Take out: ")
        brief.refresh_from_db()
        assert (brief.status, len(names_in_brief(brief))) == (ReportStatus.DRAFT, 1)

    def test_words_of_the_field_are_no_names(self, brief: LearningBrief, quentin: User) -> None:
        TeamFactory(name="Permanence")
        add_point(brief, Point(PointKind.NEXT, "Plan for permanence early."), by=quentin)
        assert names_in_brief(brief) == []

    def test_a_small_number_is_not_proposed(self) -> None:
        theme = Theme(name="Fathers")
        said = [ThemeFound(theme, Ratio(number, 20)).proposed for number in (4, 5)]
        assert said == [
            "Fathers: found on fewer than 5 children’s files.",
            "Fathers: found on 5 of 20 children’s files (25%).",
        ]


class TestPublishing:
    def test_by_two_people_and_kept_for_good(self, brief: LearningBrief, quentin: User, priya: User) -> None:
        version = published(brief, quentin, priya)
        assert BriefContents.from_json(version.contents) == BriefContents(
            title="Hearing fathers",
            opening="",
            standing="BRIEF-2026-01, version 1, 25 November 2026",
            sections=(
                BriefSection("What audits found", (FOUND.words,)),
                BriefSection("What good looks like", (GOOD.words,)),
            ),
        )
        assert [(move.to_status, move.by) for move in brief.moves.all()] == [
            ("draft", quentin),
            ("in_review", quentin),
            ("published", priya),
        ]

    @pytest.mark.parametrize("who", ["quentin", "meera"])
    def test_never_by_whoever_sent_it_nor_by_a_manager(
        self, brief: LearningBrief, quentin: User, meera: User, who: str
    ) -> None:
        send_brief(brief, by=quentin)
        with pytest.raises(RuleViolation) as refusal:
            publish_brief(brief, by={"quentin": quentin, "meera": meera}[who])
        assert refusal.value.sentence == (
            "The QA lead or the Principal Social Worker publishes a brief, and never one that they sent themselves."
        )

    def test_a_draft_is_not_published(self, brief: LearningBrief, priya: User) -> None:
        with pytest.raises(RuleViolation) as refusal:
            publish_brief(brief, by=priya)
        assert refusal.value.sentence == "The brief is a draft. Send it for review first."

    def test_returned_and_corrected(self, brief: LearningBrief, quentin: User, priya: User) -> None:
        send_brief(brief, by=quentin, at=AT)
        with pytest.raises(RuleViolation) as refusal:
            add_point(brief, FOUND, by=quentin)
        assert refusal.value.sentence == (
            "The brief is in review. Return it first if something has to change."
        )
        return_brief(brief, reason="Say more.", by=priya)
        first = published(brief, quentin, priya)
        correct_brief(brief, reason="A word was wrong.", by=priya)
        brief.refresh_from_db()
        save_brief(brief, title="Hearing both parents", opening="", version=brief.version, by=priya)
        send_brief(brief, by=priya, at=AT)
        second = publish_brief(brief, by=quentin, at=AT)
        assert [one.contents["title"] for one in (first, second)] == [
            "Hearing fathers",
            "Hearing both parents",
        ]
        assert list(BriefVersion.objects.newest()) == [second]

    def test_who_is_told(
        self, brief: LearningBrief, quentin: User, priya: User, asha: User, meera: User, sanjay: User
    ) -> None:
        nobody = person("Ines Governance", Role.INFORMATION_GOVERNANCE)
        send_brief(brief, by=quentin, at=AT)
        assert [item.title for item in work_of(priya, AT.date())] == [
            "Review the learning brief BRIEF-2026-01"
        ]
        publish_brief(brief, by=priya, at=AT)
        told = Message.objects.filter(kind__startswith="dashboards.brief_").order_by(
            "kind", "recipient__name"
        )
        assert [(message.kind, message.recipient) for message in told] == [
            ("dashboards.brief_published", asha),
            ("dashboards.brief_published", meera),
            ("dashboards.brief_published", quentin),
            ("dashboards.brief_published", sanjay),
            ("dashboards.brief_sent", priya),
        ]
        assert not Message.objects.filter(recipient=nobody).exists()
        assert told[0].context == {
            "reference": "BRIEF-2026-01",
            "path": "/reports/briefs/BRIEF-2026-01/versions/1/",
        }


GUARDED = {
    "version": "UPDATE dashboards_briefversion SET number = 7",
    "version, deleted": "DELETE FROM dashboards_briefversion",
    "move": "UPDATE dashboards_briefmove SET reason = 'Another.'",
    "point": "UPDATE dashboards_briefpoint SET words = 'Another.'",
    "point, deleted": "DELETE FROM dashboards_briefpoint",
    "title": "UPDATE dashboards_learningbrief SET title = 'Another'",
    "one more point": (
        "INSERT INTO dashboards_briefpoint (brief_id, kind, words) SELECT id, 'next', 'x' FROM dashboards_learningbrief"
    ),
}


class TestGuards:
    @pytest.fixture(autouse=True)
    def kept(self, brief: LearningBrief, quentin: User, priya: User) -> None:
        published(brief, quentin, priya)

    @pytest.mark.parametrize("statement", GUARDED.values(), ids=GUARDED)
    def test_the_database_refuses(self, statement: str) -> None:
        with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement)

    @pytest.mark.parametrize("statement", GUARDED.values(), ids=GUARDED)
    def test_without_the_guard_it_would_not(self, statement: str) -> None:
        drop_guards(GUARDS)
        with connection.cursor() as cursor:
            cursor.execute(statement)
            assert cursor.rowcount > 0

    def test_the_database_knows_that_they_are_two(self, quentin: User) -> None:
        with pytest.raises(IntegrityError), transaction.atomic():
            BriefVersion.objects.create(
                brief=LearningBrief.objects.get(),
                number=2,
                contents={},
                sent_by=quentin,
                published_by=quentin,
                published_at=AT,
            )


LONGEST = BriefContents(
    title="Word " * 20,
    opening="wordy " * 66,
    standing="BRIEF-2026-01, version 1, 25 November 2026",
    sections=tuple(
        BriefSection(kind.label, tuple("words " * (LONGEST_POINT // 6) for _ in range(MOST_POINTS[kind])))
        for kind in PointKind
    ),
)


class TestFiles:
    def test_the_longest_brief_is_one_tagged_page(self) -> None:
        reader = PdfReader(BytesIO(brief_file(LONGEST, "pdf")))
        catalogue: Any = reader.trailer["/Root"]
        assert (len(reader.pages), catalogue["/Lang"]) == (1, "en-GB")
        assert catalogue["/MarkInfo"]["/Marked"]

    def test_word_has_headings_and_lists(self, brief: LearningBrief, quentin: User, priya: User) -> None:
        contents = BriefContents.from_json(published(brief, quentin, priya).contents)
        document = Document(BytesIO(brief_file(contents, "docx")))
        found = [(one.style.name, one.text) for one in document.paragraphs if one.style is not None]
        assert found == [
            ("Title", "Hearing fathers"),
            ("Normal", "Learning brief of Borsetshire Council. BRIEF-2026-01, version 1, 25 November 2026."),
            ("Heading 1", "What audits found"),
            ("List Bullet", FOUND.words),
            ("Heading 1", "What good looks like"),
            ("List Bullet", GOOD.words),
        ]


@pytest.mark.usefixtures("time_machine_at")
class TestPages:
    def test_chosen_written_and_published_by_two(
        self, qa_client: Client, psw_client: Client, client_for: ClientFor, asha: User
    ) -> None:
        north, theme = TeamFactory(name="North"), Theme.objects.get(code="fathers-voice")
        finding = finding_of(north, theme)
        nominated = submitted_audit()
        Answer.objects.create(
            audit=nominated,
            question=Question.objects.filter(code=GOOD_PRACTICE).first(),
            value="yes",
            note="He was rung in the evening.",
        )
        began = qa_client.post("/reports/briefs/start/", {"title": "Hearing fathers"})
        assert began.headers["Location"] == "/reports/briefs/BRIEF-2026-01/choose/"
        address = "/reports/briefs/BRIEF-2026-01/"
        chosen = qa_client.get(f"{address}choose/").text
        assert (finding.text.replace("'", "&#x27;") in chosen, "He was rung in the evening." in chosen) == (
            True,
            True,
        )
        for source, pk in (("theme", theme.pk), ("finding", finding.pk), ("nomination", nominated.pk)):
            for _ in range(2):
                taken = qa_client.post(f"{address}take/{source}/{pk}/")
                assert taken.headers["Location"].startswith(f"{address}points/")
        assert [point.words for point in BriefPoint.objects.all()] == [
            f"{theme.name}: found on fewer than 5 children’s files.",
            finding.text,
            "He was rung in the evening.",
        ]
        qa_client.post(f"{address}words/", {"title": "Hearing fathers", "opening": "Why.", "version": 6})
        page = qa_client.get(address).text
        assert ("Why." in page, finding.audit.allocation.reference in page) == (True, True)
        qa_client.post(f"{address}send/")
        assert "never one that they sent themselves" in qa_client.post(f"{address}publish/").text
        assert psw_client.post(f"{address}publish/").headers["Location"] == address
        reader = client_for(asha)
        assert "Hearing fathers" in reader.get("/reports/briefs/").text
        read = reader.get(f"{address}versions/1/").text
        assert finding.audit.allocation.reference not in read
        assert reader.get(address).status_code == 404
        saved = reader.get(f"{address}versions/1/pdf/")
        assert saved.content.startswith(b"%PDF")
        record = ExportRecord.objects.get()
        assert (record.by, record.what, record.format) == (
            asha,
            "Learning brief BRIEF-2026-01, version 1",
            "pdf",
        )
        assert reader.get(f"{address}versions/1/xlsx/").status_code == 404

    def test_a_stale_form_keeps_what_was_typed(
        self, brief: LearningBrief, priya: User, qa_client: Client
    ) -> None:
        brief.refresh_from_db()
        opened = brief.version
        save_brief(brief, title="By Priya", opening="", version=opened, by=priya)
        address = f"/reports/briefs/{brief.reference}/words/"
        typed = {"title": "Typed here", "opening": "", "version": opened}
        response = qa_client.post(address, typed)
        assert response.status_code == 409
        assert ("By Priya" in response.text, "Typed here" in response.text) == (True, True)
        again = qa_client.post(address, {**typed, "version": opened + 1})
        assert again.headers["Location"] == f"/reports/briefs/{brief.reference}/"

    def test_themes_of_the_quarters_by_children(self) -> None:
        north, theme = TeamFactory(name="North"), Theme.objects.get(code="fathers-voice")
        for _ in range(2):
            finding_of(north, theme)
        finding_of(north, theme, month=date(2024, 1, 1))
        submitted_audit(month=date(2026, 10, 1))
        found = themes_found([Quarter.of(date(2026, 11, 1))])
        assert [(one.theme, str(one.files)) for one in found] == [(theme, "2 of 3")]

    def test_what_the_lists_cost_does_not_grow(
        self, qa_client: Client, quentin: User, priya: User, assert_queries: AssertQueries
    ) -> None:
        for number in (1, 2, 3):
            made = start_brief(f"Brief {number}", by=quentin)
            add_point(made, FOUND, by=quentin)
            add_point(made, GOOD, by=quentin)
            published(made, quentin, priya)
            start_brief("Draft", by=quentin)
            if number == 2:
                continue
            with assert_queries(4):
                qa_client.get("/reports/briefs/")

    def test_kept_as_json_it_is_the_same(self) -> None:
        assert BriefContents.from_json(json.loads(json.dumps(LONGEST.as_json()))) == LONGEST

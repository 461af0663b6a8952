"""Every text that is written about an audit: saved at exactly its maximum, refused one character above it with the
sentence and nothing lost. The forms and their fields are found, not listed: a new one fails here until it is walked.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from html import unescape
from io import BytesIO
from time import process_time
from typing import Any
from uuid import uuid4

import pytest
from django import forms
from django.apps import apps
from django.core.validators import MaxLengthValidator
from django.db.models import CharField, TextField
from django.test import Client
from django.urls import reverse
from django.utils.http import urlencode
from pypdf import PdfReader

from accounts.models import User
from audits.completeness import SectionContent
from audits.enums import ActionPriority, AuditStatus, Section
from audits.forms import LONGEST_TEXT, SectionForm
from audits.involvement_forms import PersonForm
from audits.models import Audit, FamilyContact, WorkerFeedback
from audits.selectors import contents_of, said_by_family
from audits.services.audits import start_audit, submit_audit
from audits.services.concerns import Telephoned, acknowledge_concern, raise_concern
from audits.services.involvement import log_family_contact, log_worker_contact, save_worker_feedback
from audits.services.moves import propose_reopening
from audits.services.proposed_actions import ActionContent, propose_action
from core.forms import DateField, GovForm
from core.pdf import LONGEST, TOO_LONG
from tests.conftest import ClientFor
from tests.factories.accounts import TeamFactory
from tests.factories.audits import AllocationFactory, AuditFactory, ChildFactory, audit_at, started_audit

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("time_machine_at")]

MODULES = ("forms", "involvement_forms", "action_forms", "move_forms", "concern_forms")
ABOUT_NO_AUDIT = {"ConcernSettingsForm", "FollowUpSettingsForm", "ReadingLogFilterForm"}
"""The forms of those modules that settings or a filter are typed into."""

DAY = {"on_0": "3", "on_1": "11", "on_2": "2026"}


@dataclass(frozen=True)
class Place:
    """A form that texts of an audit are typed into: who types, where it is sent, what else it needs, its page."""

    writer: User
    url: str
    data: dict[str, Any]
    page: str = ""


@dataclass(frozen=True)
class People:
    asha: User
    meera: User
    quentin: User
    priya: User


@pytest.fixture
def people(asha: User, meera: User, quentin: User, priya: User) -> People:
    return People(asha, meera, quentin, priya)


def page(audit: Audit, name: str, *more: object) -> str:
    return reverse(f"audits:{name}", args=(audit.allocation.reference, *more))


def north() -> dict[str, Any]:
    return {"child": ChildFactory(team=TeamFactory(name="North"))}


def action(people: People) -> dict[str, Any]:
    return {
        "owner": people.meera.pk, "priority": "p1", "token": str(uuid4()), "version": "0",
        "due_on_0": "1", "due_on_1": "3", "due_on_2": "2027",
    }  # fmt: skip


def action_edit(people: People) -> Place:
    audit = started_audit(people.asha, **north())
    content = ActionContent("Seen.", "Not seen.", "", people.meera, ActionPriority.P1, None, "", "Is seen.")
    made = propose_action(audit, content, token=uuid4(), by=people.asha)
    return Place(
        people.asha, page(audit, "action_edit", made.pk), {**action(people), "version": made.version}
    )


def person_of_family(people: People) -> Place:
    audit = start_audit(
        AuditFactory(allocation=AllocationFactory(auditor=people.asha, pathway="cla")), by=people.asha
    )
    FamilyContact.objects.create(
        audit=audit, on=date(2026, 11, 3), person="mother", how="telephone", outcome="feedback"
    )
    return Place(people.asha, page(audit, "family_person", "mother"), {"version": "0"})


def reply(people: People) -> Place:
    audit = audit_at(AuditStatus.SUBMITTED, people.asha, **north())
    WorkerFeedback.objects.create(audit=audit, on=date(2026, 11, 20), text="In time.")
    said_on = {"said_on_0": "24", "said_on_1": "11", "said_on_2": "2026"}
    return Place(people.meera, page(audit, "worker_reply"), {"outcome": "disagrees", **said_on})


def move(name: str, status: AuditStatus) -> Callable[[People], Place]:
    def place(people: People) -> Place:
        return Place(people.quentin, page(audit_at(status, people.asha), name), {})

    return place


def decision(people: People) -> Place:
    audit = audit_at(AuditStatus.FINALISED, people.asha)
    propose_reopening(audit, by=people.quentin, reason="The wrong plan was read.")
    return Place(people.priya, page(audit, "reopening_decide"), {"decision": "refuse"})


def concern(people: People, name: str) -> Place:
    child = north()["child"]
    raised = raise_concern(
        child.reference,
        risk="She is alone.",
        telephoned=Telephoned(reached_nobody=True),
        by=people.asha,
        key=uuid4(),
    )
    if name == "concern_close":
        acknowledge_concern(raised, response="I am going there.", by=people.meera)
    shown = reverse("concerns:concern_detail", args=(raised.pk,))
    return Place(people.meera, reverse(f"concerns:{name}", args=(raised.pk,)), {}, shown)


PLACES: dict[str, Callable[[People], Place]] = {
    "PersonForm": person_of_family,
    "WorkerContactForm": lambda people: Place(
        people.asha,
        page(started_audit(people.asha), "worker_log"),
        {**DAY, "how": "telephone", "outcome": "invited", "token": str(uuid4())},
    ),
    "WorkerFeedbackForm": lambda people: Place(
        people.asha, page(started_audit(people.asha), "worker_feedback"), {**DAY, "version": "0"}
    ),
    "FamilyContactForm": lambda people: Place(
        people.asha,
        page(AuditFactory(allocation=AllocationFactory(auditor=people.asha)), "family_log"),
        {**DAY, "person": "mother", "outcome": "not_tried", "token": str(uuid4())},
    ),
    "ActionForm": lambda people: Place(
        people.asha, page(started_audit(people.asha, **north()), "action_add"), action(people)
    ),
    "ActionForm, changed": action_edit,
    "WorkerReplyForm": reply,
    "ReturnForm": move("audit_return", AuditStatus.SUBMITTED),
    "VoidForm": move("audit_void", AuditStatus.SUBMITTED),
    "ProposeReopeningForm": move("reopening_propose", AuditStatus.FINALISED),
    "DecideReopeningForm": decision,
    "RaiseConcernForm": lambda people: Place(
        people.asha, reverse("concerns:concern_raise"), {"reached": "reached", "key": str(uuid4())}
    ),
    "AcknowledgeForm": lambda people: concern(people, "concern_acknowledge"),
    "CloseForm": lambda people: concern(people, "concern_close"),
}


def texts_of(form: forms.BaseForm) -> dict[str, int]:
    """The maximum, in characters, of each text that somebody types into the form; a text without one fails."""
    return {
        name: min(check.limit_value for check in field.validators if isinstance(check, MaxLengthValidator))
        for name, field in form.fields.items()
        if type(field) is forms.CharField and not field.widget.is_hidden
    }


def forms_with_texts() -> Iterator[str]:
    for module in MODULES:
        for name, form in vars(importlib.import_module(f"audits.{module}")).items():
            is_own = isinstance(form, type) and issubclass(form, GovForm | forms.ModelForm)
            if not is_own or form.__module__ != f"audits.{module}" or form is SectionForm:
                continue
            fields = form.base_fields.values()
            if form is PersonForm or any(type(field) is forms.CharField for field in fields):
                yield name


def test_every_form_of_an_audit_that_texts_are_typed_into_is_walked() -> None:
    walked = {name.partition(",")[0] for name in PLACES}
    assert walked == set(forms_with_texts()) - ABOUT_NO_AUDIT


def form_on(response: Any) -> Any:
    """The form of the page that was shown again."""
    context = response.context
    return context.get("form") or context["forms"][0]


def is_kept(text: str) -> bool:
    """Whether it stands in a column of an audit's tables."""
    return any(
        model._default_manager.filter(**{column.name: text}).exists()
        for model in apps.get_app_config("audits").get_models()
        for column in model._meta.concrete_fields
        if type(column) in (TextField, CharField)
    )


@pytest.mark.parametrize("name", PLACES)
def test_each_text_takes_its_maximum_and_no_more(name: str, people: People, client_for: ClientFor) -> None:
    place = PLACES[name](people)
    client: Client = client_for(place.writer)
    blank = form_on(client.get(place.page or place.url))
    texts = texts_of(blank)
    assert texts
    as_a_browser = {} if blank.is_multipart() else {"content_type": "application/x-www-form-urlencoded"}

    def post(written: dict[str, str]) -> Any:
        data = {**place.data, **written}
        return client.post(place.url, data if blank.is_multipart() else urlencode(data), **as_a_browser)

    refused = post({text: "x" * most + "y" for text, most in texts.items()})
    form, shown = form_on(refused), unescape(refused.text)
    assert refused.status_code == 200
    assert {field: list(sentences) for field, sentences in form.errors.items()} == {
        text: [f"{form.fields[text].label} must be {most} characters or fewer"]
        for text, most in texts.items()
    }
    for text, most in texts.items():
        assert form.errors[text][0] in shown
        assert "x" * most + "y" in shown
    longest = {
        text: f"{number:x}{'💚' * (most - 3)}\n💚"
        if isinstance(form.fields[text].widget, forms.Textarea)
        else "💚" * most
        for number, (text, most) in enumerate(texts.items())
    }
    opened = {"version": str(form["version"].value())} if "version" in form.fields else {}
    taken = post({text: value.replace("\n", "\r\n") for text, value in longest.items()} | opened)
    assert taken.status_code == 302
    for text, value in longest.items():
        assert len(value) == texts[text]
        assert is_kept(value), text


@pytest.mark.parametrize("section", Section)
def test_each_text_of_a_section_above_its_maximum_is_refused_and_kept(
    section: Section, asha: User, auditor_client: Client
) -> None:
    allocation = AllocationFactory(auditor=asha, pathway="cla")
    audit = start_audit(AuditFactory(allocation=allocation, feedback_by_person=False), by=asha)
    url = page(audit, "section_edit", section)
    texts = texts_of(auditor_client.get(url).context["form"])
    assert set(texts.values()) <= {LONGEST_TEXT}
    typed = {name: f"{name}{'x' * LONGEST_TEXT}" for name in texts}
    refused = auditor_client.post(url, {"version": "0", **typed})
    form = refused.context["form"]
    assert set(form.errors) == set(texts)
    for name, text in typed.items():
        assert text in refused.text
        assert list(form.errors[name]) == [
            f"{form.fields[name].label} must be {LONGEST_TEXT} characters or fewer"
        ]


def whole_audit(people: People, longest: str, *, only: Callable[[str], bool] = lambda _: True) -> Audit:
    """A started audit of a child looked after with `longest` in each text whose name `only` lets through, ready to be
    submitted; every other text has a word.
    """
    asha = people.asha
    allocation = AllocationFactory(auditor=asha, pathway="cla", **north())
    audit = start_audit(AuditFactory(allocation=allocation), by=asha)
    day = date(2026, 11, 3)
    text = longest if only("around") else "Told."
    log_family_contact(
        audit, on=day, person="mother", how="telephone", outcome="feedback", reason="", token=uuid4(), by=asha
    )
    log_family_contact(
        audit, on=day, person="father", how="", outcome="not_tried", reason=text, token=uuid4(), by=asha
    )
    log_worker_contact(audit, on=day, how="telephone", outcome="took_part", note=text, token=uuid4(), by=asha)
    save_worker_feedback(audit, on=day, text=text, version=0, by=asha)
    content = ActionContent(text, text, "", people.meera, ActionPriority.P2, date(2027, 3, 1), text, text)
    propose_action(audit, content, token=uuid4(), by=asha)
    client = Client()
    client.force_login(asha)
    pages = [page(audit, "section_edit", section) for section in Section if section != Section.FEEDBACK]
    for url in [page(audit, "family_person", "mother"), *pages]:
        form = client.get(url).context["form"]
        data = answers_to(form, longest, only) | {"version": form["version"].value(), "state": "completed"}
        response = client.post(url, data)
        assert response.status_code == 302, response.context["form"].errors
    return audit


def answers_to(form: forms.BaseForm, longest: str, only: Callable[[str], bool]) -> dict[str, Any]:
    """Yes to every question, every box ticked, as it stands what the logs answer, and a text in every text."""
    data: dict[str, Any] = {}
    for name, field in form.fields.items():
        if name in ("W1", "state", "version"):
            data[name] = form[name].value()
        elif isinstance(field.widget, forms.Textarea):
            data[name] = longest if only(name) else "Seen."
        elif isinstance(field, forms.IntegerField):
            data[name] = 3
        elif isinstance(field, forms.MultipleChoiceField):
            data[name] = [value for value, _ in field.choices]
        elif isinstance(field, forms.ChoiceField):
            values = [value for value, _ in field.choices if value]
            data[name] = "requires_improvement" if name == "grade" else values[0]
        elif isinstance(field, DateField):
            data |= {f"{name}_{part}": value for part, value in enumerate(("3", "11", "2026"))}
    return data


def texts_in(content: SectionContent) -> list[str]:
    """Every text of a section that readers see."""
    notes = (answer.note for answer in content.answers.values())
    return [text for text in (content.evidence, content.difference, *notes) if text]


def test_a_whole_audit_with_every_text_at_its_maximum_is_submitted_and_read(
    people: People, client_for: ClientFor
) -> None:
    """Ten seconds at the most for a page. A PDF of it would take minutes: that is refused, with what to do instead."""
    longest = "💚" * LONGEST_TEXT
    audit = whole_audit(people, longest)
    submit_audit(audit, by=people.asha)
    client = client_for(people.quentin)
    written = [text for of_page in contents_of(audit) for text in texts_in(of_page.content)]
    written += [answer.note for _, answer in said_by_family(audit)["mother"] if answer.note]
    assert set(written) == {longest}
    # beside them why no concern was raised and why a grade is above what that allows, a contact with the worker, one
    # with the family, what the worker was told and four texts of the action
    count = len(written) + 9
    for name, shown_there in (("audit_detail", count), ("audit_print", count), ("audit_history", 0)):
        began = process_time()
        shown = client.get(page(audit, name))
        assert (shown.status_code, shown.text.count(longest)) == (200, shown_there)
        assert process_time() - began < 10
    refused = client.get(page(audit, "audit_pdf"))
    assert refused.status_code == 409
    assert TOO_LONG in unescape(refused.text)


def test_an_audit_with_texts_of_twenty_thousand_words_is_a_pdf(people: People, client_for: ClientFor) -> None:
    words = " ".join(["Sunday"] * 20_000)
    audit = whole_audit(people, words, only=lambda name: name in {"O1__note", "W4__note"})
    submit_audit(audit, by=people.asha)
    document = client_for(people.quentin).get(page(audit, "audit_pdf"))
    assert document.status_code == 200
    read = PdfReader(BytesIO(document.content))
    assert sum(sheet.extract_text().count("Sunday") for sheet in read.pages) == 2 * 20_000
    assert 10 * len(words) < LONGEST

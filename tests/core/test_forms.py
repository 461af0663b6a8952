"""What a form prints and says: templates/govuk/, core/forms.py and core/templatetags/govuk.py."""

import datetime as dt
from html.parser import HTMLParser
from typing import Any

import pytest
from django import forms
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import QueryDict
from django.template import engines
from django.test import SimpleTestCase

from core import forms as gov
from tests.core.sample_pages import HOSTILE, EveryFieldForm, HostileForm

assert_html = SimpleTestCase().assertHTMLEqual

ANSWERS = {
    "name": "Ola",
    "email": "ola@example.org",
    "visits": "3",
    "seen_on_0": "28",
    "seen_on_1": "11",
    "seen_on_2": "2026",
    "grade": "good",
    "evidence": "Seen at home",
    "alone": "yes",
    "team": "north",
    "spoke_to": ["child"],
    "password": "long enough for this",
    "sure": "on",
    "token": "7",
}


class Tags(HTMLParser):
    """The tags of a page with their attributes, and its text."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.text += data

    def named(self, *names: str) -> list[dict[str, str | None]]:
        return [attrs for tag, attrs in self.tags if tag in names]

    @property
    def ids(self) -> list[str]:
        return [str(attrs["id"]) for _, attrs in self.tags if "id" in attrs]


def printed(form: forms.BaseForm | None = None, template: str = "{% gov_form form %}", **context: Any) -> str:
    html: str = engines["django"].from_string("{% load govuk %}" + template).render({"form": form, **context})
    return html


def summary_of(*some_forms: forms.BaseForm) -> list[tuple[str, str]]:
    """Each line of the error summary: what it says, and the id it leads to."""
    from core.templatetags.govuk import error_summary  # noqa: PLC0415 - the tag as a function

    return [(error["message"], error["target"]) for error in error_summary(*some_forms)["errors"]]


def one(field: forms.Field, data: dict[str, Any] | None = None) -> forms.Form:
    """A form whose only field is called x."""
    return type("OneFieldForm", (gov.GovForm,), {"x": field})(data)


# markup


def test_a_text_field() -> None:
    form = one(forms.CharField(label="Name", max_length=20, help_text="In full"))
    assert_html(
        printed(form),
        """
        <div class="govuk-form-group">
          <label class="govuk-label govuk-label--s" for="id_x">Name</label>
          <div id="id_x_helptext" class="govuk-hint">In full</div>
          <input class="govuk-input" id="id_x" name="x" type="text" aria-describedby="id_x_helptext">
        </div>
        """,
    )


def test_a_refused_text_field_keeps_what_was_typed_and_says_why() -> None:
    form = one(forms.EmailField(label="Email address", help_text="Your work one"), {"x": "nobody"})
    assert_html(
        printed(form),
        """
        <div class="govuk-form-group govuk-form-group--error">
          <label class="govuk-label govuk-label--s" for="id_x">Email address</label>
          <div id="id_x_helptext" class="govuk-hint">Your work one</div>
          <p id="id_x_error" class="govuk-error-message">
            <span class="govuk-visually-hidden">Error:</span> Enter an email address like name@example.org
          </p>
          <input class="govuk-input govuk-input--error" id="id_x" name="x" type="email" value="nobody"
                 aria-invalid="true" aria-describedby="id_x_helptext id_x_error">
        </div>
        """,
    )


def test_a_number_is_a_text_box_with_a_keypad() -> None:
    form = one(forms.IntegerField(label="Visits", min_value=0))
    assert_html(
        printed(form),
        """
        <div class="govuk-form-group">
          <label class="govuk-label govuk-label--s" for="id_x">Visits</label>
          <input class="govuk-input" id="id_x" name="x" type="text" inputmode="numeric">
        </div>
        """,
    )


def test_a_long_text_counts_its_characters() -> None:
    form = one(forms.CharField(label="Evidence", max_length=500, widget=forms.Textarea(attrs={"rows": 5})))
    assert_html(
        printed(form),
        """
        <div class="govuk-form-group govuk-character-count" data-module="govuk-character-count" data-maxlength="500"
             data-threshold="75">
          <label class="govuk-label govuk-label--s" for="id_x">Evidence</label>
          <textarea class="govuk-textarea govuk-js-character-count" id="id_x" name="x" rows="5" cols="40"
                    aria-describedby="id_x-info"></textarea>
          <div id="id_x-info" class="govuk-hint govuk-character-count__message">You can enter up to 500 characters</div>
        </div>
        """,
    )


def test_radios_with_hints_a_divider_and_a_field_revealed() -> None:
    class GradeForm(gov.GovForm):
        grade = forms.ChoiceField(
            choices=[("good", "Good"), ("not_applicable", "Not applicable")],
            widget=gov.Radios(
                hints={"good": "Seen alone"},
                divider_before="not_applicable",
                reveals={"not_applicable": "reason"},
            ),
        )
        reason = forms.CharField(required=False)

    assert_html(
        printed(GradeForm(initial={"grade": "good"})),
        """
        <div class="govuk-form-group">
          <fieldset class="govuk-fieldset">
            <legend class="govuk-fieldset__legend govuk-fieldset__legend--s">Grade</legend>
            <div class="govuk-radios" data-module="govuk-radios">
              <div class="govuk-radios__item">
                <input class="govuk-radios__input" id="id_grade_0" name="grade" type="radio" value="good" checked
                       aria-describedby="id_grade_0-item-hint">
                <label class="govuk-label govuk-radios__label" for="id_grade_0">Good</label>
                <div id="id_grade_0-item-hint" class="govuk-hint govuk-radios__hint">Seen alone</div>
              </div>
              <div class="govuk-radios__divider">or</div>
              <div class="govuk-radios__item">
                <input class="govuk-radios__input" id="id_grade_1" name="grade" type="radio" value="not_applicable">
                <label class="govuk-label govuk-radios__label" for="id_grade_1">Not applicable</label>
              </div>
              <div class="govuk-radios__conditional app-revealed">
                <div class="govuk-form-group">
                  <label class="govuk-label govuk-label--s" for="id_reason">Reason</label>
                  <input class="govuk-input" id="id_reason" name="reason" type="text">
                </div>
              </div>
            </div>
          </fieldset>
        </div>
        """,
    )


def test_a_refused_date_describes_its_group_and_keeps_its_boxes() -> None:
    form = one(
        gov.DateField(label="Away until", help_text="For example, 28 11 2026"), {"x_0": "31", "x_1": "feb"}
    )
    assert_html(
        printed(form),
        """
        <div class="govuk-form-group govuk-form-group--error">
          <fieldset class="govuk-fieldset" role="group" aria-describedby="id_x_helptext id_x_error">
            <legend class="govuk-fieldset__legend govuk-fieldset__legend--s">Away until</legend>
            <div id="id_x_helptext" class="govuk-hint">For example, 28 11 2026</div>
            <p id="id_x_error" class="govuk-error-message">
              <span class="govuk-visually-hidden">Error:</span> Date must include a year
            </p>
            <div class="govuk-date-input">
              <div class="govuk-date-input__item">
                <label class="govuk-label govuk-date-input__label" for="id_x_0">Day</label>
                <input class="govuk-input govuk-date-input__input govuk-input--width-2 govuk-input--error" id="id_x_0"
                       name="x_0" type="text" inputmode="numeric" value="31">
              </div>
              <div class="govuk-date-input__item">
                <label class="govuk-label govuk-date-input__label" for="id_x_1">Month</label>
                <input class="govuk-input govuk-date-input__input govuk-input--width-2 govuk-input--error" id="id_x_1"
                       name="x_1" type="text" inputmode="numeric" value="feb">
              </div>
              <div class="govuk-date-input__item">
                <label class="govuk-label govuk-date-input__label" for="id_x_2">Year</label>
                <input class="govuk-input govuk-date-input__input govuk-input--width-4 govuk-input--error" id="id_x_2"
                       name="x_2" type="text" inputmode="numeric">
              </div>
            </div>
          </fieldset>
        </div>
        """,
    )


def test_several_errors_of_one_field_stand_under_one_id() -> None:
    form = one(forms.CharField(), {"x": "a"})
    form.add_error("x", "Too short")
    form.add_error("x", "Too plain")
    page = Tags(printed(form))
    assert page.ids.count("id_x_error") == 1
    assert "Too short" in page.text
    assert "Too plain" in page.text


def test_every_kind_of_control_names_itself_and_what_describes_it() -> None:
    page = Tags(printed(EveryFieldForm({})))
    controls = [attrs for attrs in page.named("input", "select", "textarea") if attrs.get("type") != "hidden"]
    labelled = {attrs["for"] for attrs in page.named("label")}
    assert {attrs["id"] for attrs in controls} == labelled
    described = " ".join(
        str(attrs["aria-describedby"]) for _, attrs in page.tags if "aria-describedby" in attrs
    )
    assert set(described.split()) - set(page.ids) == set()
    assert sorted(page.ids) == sorted(set(page.ids))


def test_a_form_from_elsewhere_prints_like_ours() -> None:
    class Plain(forms.Form):
        x = forms.CharField(label="Name")

    class Ours(gov.GovForm):
        x = forms.CharField(label="Name")

    plain = Plain(use_required_attribute=False)
    assert printed(plain) == printed(Ours())
    assert printed(plain, "{% gov_field form.x %}").strip() == printed(plain).strip()


def test_the_form_prints_no_tag_token_or_button_of_its_own() -> None:
    page = Tags(printed(EveryFieldForm()))
    assert page.named("form") == []
    assert [attrs["name"] for attrs in page.named("input") if attrs.get("type") == "hidden"] == ["token"]


# the error summary


def test_the_summary_follows_the_layout_and_leads_to_a_control_each() -> None:
    assert summary_of(EveryFieldForm({"grade": "not_applicable"})) == [
        ("Enter name", "id_name"),
        ("Enter email address", "id_email"),
        ("Answer “When was the child last seen?”", "id_seen_on_0"),
        ("Enter visits counted", "id_visits"),
        ("Say why it does not apply", "id_reason"),
        ("Enter evidence", "id_evidence"),
        ("Answer “Was the child seen alone?”", "id_alone_0"),
        ("Select team", "id_team"),
        ("Answer “Who did you speak to?”", "id_spoke_to_0"),
        ("Select workbook", "id_workbook"),
        ("Enter password", "id_password"),
        ("Tick “I have read the whole file”", "id_sure"),
        ("Enter token", ""),
    ]


def test_each_target_is_a_control_of_the_page() -> None:
    form = EveryFieldForm({})
    controls = {attrs["id"] for attrs in Tags(printed(form)).named("input", "select", "textarea")}
    assert {target for _, target in summary_of(form) if target} - controls == set()


def test_the_summary_says_the_same_words_as_the_field() -> None:
    form = EveryFieldForm({})
    text = " ".join(Tags(printed(form)).text.split())
    assert [message for message, target in summary_of(form) if target and message not in text] == []


def test_what_is_wrong_with_the_whole_form_comes_first_and_leads_nowhere() -> None:
    form = one(forms.CharField(label="Name"), {})
    form.add_error(None, "Asha has eight audits already. Choose somebody else.")
    assert summary_of(form) == [
        ("Asha has eight audits already. Choose somebody else.", ""),
        ("Enter name", "id_x"),
    ]


def test_several_forms_share_one_summary_and_one_title() -> None:
    first, second = one(forms.CharField(label="Name"), {}), one(forms.CharField(label="Team"), {"x": "North"})
    second.prefix = "second"
    context = {"forms": [second, first]}
    assert "Enter name" in printed(None, "{% error_summary form forms %}", **context)
    assert printed(None, "{% error_prefix form forms %}", **context) == "Error: "


def test_no_summary_and_no_prefix_without_errors_or_without_a_form() -> None:
    assert (
        printed(one(forms.CharField()), "{% error_summary form forms %}{% error_prefix form forms %}").strip()
        == ""
    )
    assert printed(None, "{% error_summary nothing %}{% error_prefix nothing %}").strip() == ""


def test_the_browser_sends_parts_only_for_a_file() -> None:
    assert printed(one(forms.FileField()), "{% form_enctype form forms %}") == "multipart/form-data"
    assert (
        printed(one(forms.CharField()), "{% form_enctype form forms %}")
        == "application/x-www-form-urlencoded"
    )


# hostile text


@pytest.mark.parametrize("form", [HostileForm(), HostileForm({"text": HOSTILE, "long": HOSTILE})])
def test_no_text_becomes_markup_or_template(form: HostileForm) -> None:
    html = printed(form) + printed(form, "{% error_summary form %}")
    page = Tags(html)
    assert page.named("script", "img") == []
    assert [attrs for _, attrs in page.tags if "onerror" in attrs] == []
    legends, labels, hints = 2, 3, 2
    in_text = legends + labels + hints + 1  # the textarea's own
    errors = 2 if form.is_bound else 0  # beside the control and in the summary
    assert page.text.count(HOSTILE) == in_text + errors
    assert [attrs["value"] for attrs in page.named("input")] == [HOSTILE, HOSTILE]


def test_the_twin_shows_that_unescaped_text_would_be_noticed() -> None:
    page = Tags(printed(HostileForm()).replace("&lt;", "<").replace("&gt;", ">"))
    assert len(page.named("script")) > 0


# words


@pytest.mark.parametrize(
    ("field", "sentence"),
    [
        (forms.CharField(label="Name"), "Enter name"),
        (forms.CharField(label="URN of the child"), "Enter URN of the child"),
        (forms.CharField(label="What did you read?"), "Answer “What did you read?”"),
        (forms.ChoiceField(label="Reason", choices=[("a", "A")]), "Select reason"),
        (forms.CharField(label="Name", error_messages={"required": "Say who"}), "Say who"),
    ],
)
def test_what_is_missing_is_said_in_the_words_of_the_label(field: forms.Field, sentence: str) -> None:
    assert one(field, {}).errors == {"x": [sentence]}


@pytest.mark.parametrize(
    ("field", "typed", "sentence"),
    [
        (forms.CharField(label="Note", max_length=3), "four", "Note must be 3 characters or fewer"),
        (
            forms.CharField(label="100% of it", max_length=3),
            "four",
            "100% of it must be 3 characters or fewer",
        ),
        (forms.IntegerField(label="Visits", min_value=1), "0", "Visits must be 1 or more"),
        (forms.IntegerField(label="Visits", max_value=9), "10", "Visits must be 9 or less"),
    ],
)
def test_limits_are_said_with_the_label(field: forms.Field, typed: str, sentence: str) -> None:
    assert one(field, {"x": typed}).errors == {"x": [sentence]}


# line ends


@pytest.mark.parametrize("data", [{"x": "a\r\nb\r\nc"}, QueryDict("x=a%0D%0Ab%0D%0Ac")])
def test_a_line_end_counts_one_character_as_in_the_browser(data: Any) -> None:
    form = one(forms.CharField(max_length=5, widget=forms.Textarea), data)
    assert form.is_valid()
    assert form.cleaned_data == {"x": "a\nb\nc"}


def test_the_twin_without_our_form_refuses_the_same_text() -> None:
    class Plain(forms.Form):
        x = forms.CharField(max_length=5, widget=forms.Textarea)

    assert not Plain({"x": "a\r\nb\r\nc"}).is_valid()


def test_several_values_of_one_name_survive() -> None:
    field = forms.MultipleChoiceField(choices=[("a", "A"), ("b", "B")], widget=gov.Checkboxes)
    form = one(field, QueryDict("x=a&x=b"))  # type: ignore[arg-type]
    assert form.is_valid()
    assert form.cleaned_data == {"x": ["a", "b"]}


def test_an_empty_post_is_still_a_post() -> None:
    assert one(forms.CharField(label="Name"), QueryDict("")).errors == {"x": ["Enter name"]}  # type: ignore[arg-type]


# dates


@pytest.mark.parametrize(
    "parts",
    [
        ("28", "11", "2026"),
        (" 28 ", "Nov", "2026"),
        ("28", "november", "2026"),
        ("28/11/2026", "", ""),
        ("28 November 2026", "", ""),
    ],
)
def test_a_date_may_be_typed_in_these_ways(parts: tuple[str, str, str]) -> None:
    form = one(gov.DateField(), {f"x_{place}": part for place, part in enumerate(parts)})
    assert form.is_valid()
    assert form.cleaned_data == {"x": dt.date(2026, 11, 28)}


@pytest.mark.parametrize(
    ("parts", "sentence"),
    [
        (("", "", ""), "Enter until"),
        (("31", "2", "2026"), "Enter a real date, like 28 11 2026"),
        (("28", "11", "26"), "Enter a real date, like 28 11 2026"),
        (("28", "", ""), "Enter a real date, like 28 11 2026"),
        (("28", "11", ""), "Date must include a year"),
        (("", "", "2026"), "Date must include a day and month"),
        (("28\x00", "11", "2026"), "Enter a real date, like 28 11 2026"),
    ],
)
def test_anything_else_says_what_to_mend(parts: tuple[str, str, str], sentence: str) -> None:
    form = one(gov.DateField(label="Until"), {f"x_{place}": part for place, part in enumerate(parts)})
    assert form.errors == {"x": [sentence]}


def test_a_date_already_known_fills_its_boxes_and_has_not_changed_when_sent_back() -> None:
    field = gov.DateField()
    form = type("KnownForm", (gov.GovForm,), {"x": field})(
        {"x_0": "28", "x_1": "11", "x_2": "2026"}, initial={"x": dt.date(2026, 11, 28)}
    )
    assert not form.has_changed()
    unsent = type(form)(initial={"x": dt.date(2026, 11, 28)})
    assert [attrs["value"] for attrs in Tags(printed(unsent)).named("input")] == ["28", "11", "2026"]


def test_a_whole_form_gives_clean_answers() -> None:
    form = EveryFieldForm(ANSWERS, {"workbook": SimpleUploadedFile("a.xlsx", b"x")})
    assert form.errors == {}
    assert form.cleaned_data["seen_on"] == dt.date(2026, 11, 28)

"""{% load govuk %}: forms as docs/pages.md says. Everything printed is escaped by the templates it renders with."""

from collections.abc import Iterator
from typing import Any

from crispy_forms.utils import render_crispy_form
from django import forms, template
from django.core.paginator import Page
from django.forms.boundfield import BoundField
from django.utils.safestring import SafeString

from core.forms import DateInput, GovHelper, revealed_by

register = template.Library()

KINDS: tuple[tuple[type[forms.Widget], str], ...] = (
    (DateInput, "date"),
    (forms.CheckboxSelectMultiple, "checkboxes"),
    (forms.RadioSelect, "radios"),
    (forms.CheckboxInput, "checkbox"),
    (forms.Select, "select"),
    (forms.Textarea, "textarea"),
    (forms.FileInput, "file-upload"),
    (forms.PasswordInput, "password-input"),
)
"""The first that fits names the GOV.UK component; anything else is a text input."""
CONTROL_CLASSES = {
    "character-count": "govuk-textarea",
    "checkbox": "govuk-checkboxes__input",
    "password-input": "govuk-input",
}
"""Where the control's class is not the component's."""


@register.simple_tag
def gov_form(form: forms.BaseForm) -> SafeString:
    """All fields of a form in its layout's order: no form tag, token or buttons."""
    html: SafeString = render_crispy_form(form, helper_of(form))
    return html


@register.inclusion_tag("govuk/field.html")
def gov_field(field: BoundField) -> dict[str, BoundField]:
    """One field with its label, hint and errors."""
    return {"field": field}


@register.inclusion_tag("govuk/error_summary.html")
def error_summary(*forms_or_lists: Any) -> dict[str, list[dict[str, str]]]:
    """What is wrong with these forms, in the order of the page, each linked to the control to mend.

    Takes forms, lists of forms, and names that the page does not have.
    """
    return {"errors": [error for form in flat(forms_or_lists) for error in errors_in_order(form)]}


@register.simple_tag
def error_prefix(*forms_or_lists: Any) -> str:
    """What stands before the title of a page whose form was refused: "Error: "."""
    return "Error: " if any(form.errors for form in flat(forms_or_lists)) else ""


@register.simple_tag
def form_enctype(*forms_or_lists: Any) -> str:
    """How the browser sends these forms: in parts when one has a file."""
    in_parts = any(form.is_multipart() for form in flat(forms_or_lists))
    return "multipart/form-data" if in_parts else "application/x-www-form-urlencoded"


@register.filter
def kind(field: BoundField) -> str:
    """The GOV.UK component that shows this field."""
    name = next((name for widget, name in KINDS if isinstance(field.field.widget, widget)), "input")
    return "character-count" if name == "textarea" and getattr(field.field, "max_length", None) else name


@register.filter
def described_by(field: BoundField) -> str:
    """The ids of what says more about the field: hint, error, count of characters."""
    ids = [field.field.widget.attrs.get("aria-describedby", ""), field.aria_describedby or ""]
    if kind(field) == "character-count":
        ids.append(f"{field.auto_id}-info")
    return " ".join(filter(None, ids))


@register.simple_tag
def gov_widget(field: BoundField, extra_class: str = "", **attrs: str) -> SafeString:
    """The bare control with its GOV.UK classes; maxlength is left out, since it cuts what is pasted without a word."""
    widget = field.field.widget
    base = CONTROL_CLASSES.get(kind(field), f"govuk-{kind(field)}")
    error = f"{base}--error" if field.errors else ""
    classes = " ".join(filter(None, [base, error, extra_class, widget.attrs.get("class", "")]))
    if isinstance(widget, forms.ClearableFileInput):
        widget = forms.FileInput(widget.attrs)
    given: dict[str, str | bool] = {
        "class": classes,
        "maxlength": False,
        "minlength": False,
        "aria-describedby": described_by(field) or False,
    }
    return field.as_widget(widget, {**given, **attrs})


@register.filter
def items(field: BoundField) -> Iterator[dict[str, Any]]:
    """The items of radios or checkboxes: id, value, label, checked, disabled, hint, divider, the fields revealed."""
    for option in (item.data for item in field.subwidgets):
        yield {
            "id": option["attrs"]["id"],
            "value": str(option["value"]),
            "label": option["label"],
            "checked": option["selected"],
            "disabled": option["attrs"].get("disabled", False),
            "hint": option.get("hint", ""),
            "divider": option.get("divider", False),
            "revealed": [field.form[name] for name in option.get("reveals", ())],
        }


@register.filter
def date_parts(field: BoundField) -> Iterator[dict[str, Any]]:
    """The three boxes of a date: label, width in characters, and what the widget knows."""
    boxes = field.subwidgets[0].data["subwidgets"]
    for box, label, width in zip(boxes, ("Day", "Month", "Year"), (2, 2, 4), strict=True):
        yield {**box, "label": label, "width": width}


def helper_of(form: forms.BaseForm) -> GovHelper:
    """How to lay this form out, whether or not it is one of ours."""
    return getattr(form, "helper", None) or GovHelper(form)


def flat(forms_or_lists: tuple[Any, ...]) -> Iterator[forms.BaseForm]:
    """The forms among what a template passes: a name it does not have is an empty text."""
    for one in forms_or_lists:
        if isinstance(one, forms.BaseForm):
            yield one
        elif one:
            yield from one


def errors_in_order(form: forms.BaseForm) -> Iterator[dict[str, str]]:
    """The errors of one form: those of the whole form first, then by field as the page shows them."""
    for message in form.non_field_errors():
        yield {"message": str(message), "target": ""}
    shown = [pointer.name for pointer in helper_of(form).layout.get_field_names()]
    order = [name for top in shown for name in (top, *revealed_by(form.fields[top]))]
    hidden = [name for name in form.fields if name not in order]
    for name in (*order, *hidden):
        for message in form[name].errors:
            yield {"message": str(message), "target": error_target(form[name]) if name in order else ""}


def error_target(field: BoundField) -> str:
    """The id of the control to focus; empty when there is none to see."""
    if field.is_hidden:
        return ""
    if kind(field) == "date":
        return f"{field.auto_id}_0"
    if kind(field) in ("radios", "checkboxes"):
        return field.subwidgets[0].id_for_label if field.subwidgets else ""
    return field.id_for_label


@register.filter
def page_numbers(page: Page[Any]) -> Iterator[int | str]:
    """The numbers to link from this page: the ends, its neighbours, and an ellipsis for each gap."""
    numbers: Iterator[int | str] = page.paginator.get_elided_page_range(
        page.number, on_each_side=1, on_ends=1
    )
    return numbers

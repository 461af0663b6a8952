"""Forms that look and speak as docs/pages.md says. A form subclasses GovForm or GovModelForm; a page prints it
with {% gov_form form %}. The markup is in templates/govuk/, the crispy template pack.
"""

import datetime as dt
from collections.abc import Iterable, Mapping
from typing import Any, ClassVar

from crispy_forms.helper import FormHelper
from crispy_forms.layout import Layout, LayoutObject
from django import forms
from django.core.exceptions import ValidationError
from django.forms.utils import pretty_name
from django.template.loader import render_to_string
from django.utils.datastructures import MultiValueDict

__all__ = [
    "Checkboxes",
    "DateField",
    "DateInput",
    "GovForm",
    "GovFormMixin",
    "GovModelForm",
    "Group",
    "Layout",
    "Radios",
]


class Group(LayoutObject):  # type: ignore[misc]  # crispy carries no types
    """Fields under one legend. The legend may come from anywhere: it is escaped, never run as a template."""

    def __init__(self, legend: str, *fields: "str | LayoutObject") -> None:
        self.legend = legend
        self.fields = list(fields)

    def render(self, form: forms.BaseForm, context: Any, template_pack: str = "govuk", **kwargs: Any) -> str:
        fields = self.get_rendered_fields(form, context, template_pack, **kwargs)
        return render_to_string("govuk/group.html", {"legend": self.legend, "fields": fields})


class ItemsMixin(forms.widgets.ChoiceWidget):
    """What GOV.UK choice items have and Django's have not."""

    def __init__(  # noqa: PLR0913 - each is one thing an item can have
        self,
        attrs: dict[str, Any] | None = None,
        choices: Iterable[Any] = (),
        *,
        hints: Mapping[Any, str] | None = None,
        reveals: Mapping[Any, Any] | None = None,
        divider_before: Any = None,
        small: bool = False,
        inline: bool = False,
    ) -> None:
        """Hints: text under an item, by its value. Reveals: the name of the field, or a tuple of names, that
        shows once the item is chosen.

        Divider: the value above which "or" stands.
        """
        super().__init__(attrs, choices)
        self.hints = hints or {}
        self.reveals = {
            value: (names,) if isinstance(names, str) else names for value, names in (reveals or {}).items()
        }
        self.divider_before = divider_before
        self.small = small
        self.inline = inline

    def create_option(self, name: str, value: Any, *args: Any, **kwargs: Any) -> dict[str, Any]:
        option: dict[str, Any] = super().create_option(name, value, *args, **kwargs)
        option["hint"] = self.hints.get(value, "")
        option["reveals"] = self.reveals.get(value, ())
        option["divider"] = self.divider_before is not None and value == self.divider_before
        return option


class Radios(ItemsMixin, forms.RadioSelect):
    """One of a few."""


class Checkboxes(ItemsMixin, forms.CheckboxSelectMultiple):
    """Any of a few."""


class DateInput(forms.MultiWidget):
    """Day, month and year in three boxes, posted as name_0, name_1 and name_2."""

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        super().__init__([forms.TextInput, forms.TextInput, forms.TextInput], attrs)

    def decompress(self, value: dt.date | None) -> list[int]:
        return [value.day, value.month, value.year] if value else []


class DateField(forms.DateField):
    """A date typed as 28 11 2026, or with the month's name, or whole in the first box. Gives a date."""

    widget = DateInput
    default_error_messages: ClassVar = {
        "invalid": "Enter a real date, like 28 11 2026",
        "incomplete": "Date must include a %(missing)s",
    }
    input_formats = ("%d/%m/%Y", "%d/%B/%Y", "%d/%b/%Y", "%d %B %Y", "%d %b %Y")

    def to_python(self, value: Any) -> dt.date | None:
        if isinstance(value, list):
            parts = [(part or "").strip() for part in value]
            missing = [name for name, part in zip(("day", "month", "year"), parts, strict=True) if not part]
            if missing in ([], ["month", "year"], ["day", "month", "year"]):
                value = "/".join(part for part in parts if part)
            else:
                raise ValidationError(
                    self.error_messages["incomplete"],
                    code="incomplete",
                    params={"missing": " and ".join(missing)},
                )
        return super().to_python(value)


class GovHelper(FormHelper):  # type: ignore[misc]  # crispy carries no types
    """How crispy renders our forms: fields only. The page owns the form tag, the token and the buttons."""

    form_tag = False
    disable_csrf = True
    include_media = False
    render_hidden_fields = True

    def build_default_layout(self, form: forms.BaseForm) -> Layout:
        """The fields in the form's order; one that an item of another reveals shows there instead."""
        revealed = {name for field in form.fields.values() for name in revealed_by(field)}
        return Layout(*(name for name in form.fields if name not in revealed))


def revealed_by(field: forms.Field) -> list[str]:
    """The names of the fields that show inside this one, in the order of its items."""
    return [name for names in getattr(field.widget, "reveals", {}).values() for name in names]


class GovFormMixin(forms.BaseForm):
    """For forms that come from elsewhere, such as allauth's; ours use GovForm and GovModelForm."""

    use_required_attribute = False
    layout: Layout | None = None

    def __init__(self, data: Mapping[str, Any] | None = None, *args: Any, **kwargs: Any) -> None:
        super().__init__(None if data is None else with_single_newlines(data), *args, **kwargs)
        for name, field in self.fields.items():
            speak_plainly(field, str(field.label or pretty_name(name)))
            if isinstance(field.widget, forms.NumberInput):
                show_digits_as_text(field.widget, whole=type(field) is forms.IntegerField)

    @property
    def helper(self) -> GovHelper:
        helper = GovHelper(self)
        if self.layout is not None:
            helper.layout = self.layout
        return helper


class GovForm(GovFormMixin, forms.Form):
    pass


class GovModelForm(GovFormMixin, forms.ModelForm):  # type: ignore[type-arg]  # not generic at run time
    pass


def with_single_newlines(data: Mapping[str, Any]) -> Mapping[str, Any]:
    """The posted data with each line end as one character, as the browser counts them against a limit."""

    def single(value: Any) -> Any:
        return value.replace("\r\n", "\n") if isinstance(value, str) else value

    if isinstance(data, MultiValueDict):
        return MultiValueDict({name: [single(value) for value in values] for name, values in data.lists()})
    return {name: single(value) for name, value in data.items()}


def show_digits_as_text(widget: forms.NumberInput, *, whole: bool) -> None:
    """A text box with a keypad for digits: a spinner changes figures under the scroll wheel."""
    widget.input_type = "text"
    widget.attrs.setdefault("inputmode", "numeric" if whole else "decimal")
    for name in ("min", "max", "step"):
        widget.attrs.pop(name, None)


def speak_plainly(field: forms.Field, label: str) -> None:
    """Gives a field the words of docs/pages.md for what Django says of it unless it has words of its own."""
    subject = label if label[:2].isupper() else label[:1].lower() + label[1:]
    if isinstance(field, forms.BooleanField):
        missing = f"Tick “{label}”"
    elif label.endswith("?"):
        missing = f"Answer “{label}”"
    elif isinstance(field, forms.ChoiceField | forms.FileField):
        missing = f"Select {subject}"
    else:
        missing = f"Enter {subject}"
    if field.error_messages["required"] == forms.Field.default_error_messages["required"]:
        field.error_messages["required"] = missing
    name = label.replace("%", "%%")
    words = {
        "max_length": f"{name} must be %(limit_value)d characters or fewer",
        "min_length": f"{name} must be %(limit_value)d characters or more",
        "max_value": f"{name} must be %(limit_value)s or less",
        "min_value": f"{name} must be %(limit_value)s or more",
    }
    if isinstance(field, forms.EmailField):
        words["invalid"] = "Enter an email address like name@example.org"
    field.error_messages = {**words, **field.error_messages}

"""Forms for signing in and for the pages that manage people, teams and roles."""

from datetime import date, timedelta
from typing import Any

from allauth.account.fields import SetPasswordField
from allauth.account.forms import LoginForm, ResetPasswordForm, ResetPasswordKeyForm
from django import forms
from django.contrib.auth import password_validation
from django.http import HttpRequest
from django.utils import timezone

from accounts.enums import PLAIN_ROLES, SERVICE_ROLES, TEAM_ROLES, JobRole, Pathway, Role
from accounts.models import Service, Team, User
from accounts.people_lines import LARGEST_CAPACITY
from accounts.services import send_password_link
from core import forms as gov
from core.cells import clean

LONGEST_PASSWORD = 200
PASSWORD_ADVICE = "12 characters or more. Three words that only you would put together are easy to remember."  # noqa: S105
EARLIEST, ONE_YEAR = date(2000, 1, 1), timedelta(days=366)
NOT_AN_ADDRESS = "Enter an e-mail address, like name@example.com"


class NameField(forms.CharField):
    """A name: one line, single spaces, no invisible characters."""

    def to_python(self, value: Any) -> str:
        return clean(super().to_python(value) or "")


class AddressField(forms.EmailField):
    def __init__(self, **kwargs: Any) -> None:
        sentences = {"required": "Enter an e-mail address", "invalid": NOT_AN_ADDRESS}
        super().__init__(max_length=254, error_messages=sentences, **kwargs)


class DayField(gov.DateField):
    """A day from the year 2000 to a year from today."""

    def clean(self, value: Any) -> date | None:
        day: date | None = super().clean(value)
        if day is not None and not EARLIEST <= day <= timezone.localdate() + ONE_YEAR:
            raise forms.ValidationError("Enter a day from 1 January 2000 to one year from today")
        return day


class SignInForm(gov.GovFormMixin, LoginForm):  # type: ignore[misc]  # allauth ships no types
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["login"] = AddressField(
            label="E-mail address", widget=forms.EmailInput(attrs={"autocomplete": "username"})
        )
        self.fields["password"] = forms.CharField(
            label="Password",
            strip=False,
            widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
            error_messages={"required": "Enter your password"},
        )
        self.order_fields(["login", "password"])


class AskPasswordLinkForm(gov.GovFormMixin, ResetPasswordForm):  # type: ignore[misc]  # allauth ships no types
    email = AddressField(
        label="E-mail address",
        help_text="The address that your colleagues write to",
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
    )

    def save(self, request: HttpRequest, **kwargs: Any) -> str:  # noqa: ARG002 - allauth's signature
        """Asks for the link of whoever has this address. Strangers get no mail and the same answer."""
        for person in self.users:
            send_password_link(person)
        address: str = self.cleaned_data["email"]
        return address


class SetPasswordForm(gov.GovFormMixin, ResetPasswordKeyForm):  # type: ignore[misc]  # allauth ships no types
    password1 = SetPasswordField(
        label="New password",
        help_text=PASSWORD_ADVICE,
        max_length=LONGEST_PASSWORD,
        error_messages={"required": "Enter a new password"},
    )
    password2 = None  # the field shows what was typed: nobody types it twice


class ChangePasswordForm(gov.GovForm):
    current = forms.CharField(
        label="Current password",
        error_messages={"required": "Enter your current password"},
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
    )
    new = forms.CharField(
        label="New password",
        help_text=PASSWORD_ADVICE,
        error_messages={"required": "Enter a new password"},
        strip=False,
        max_length=LONGEST_PASSWORD,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )

    def __init__(self, *args: Any, person: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.person = person

    def clean_current(self) -> str:
        current: str = self.cleaned_data["current"]
        if not self.person.check_password(current):
            raise forms.ValidationError("This is not your current password")
        return current

    def clean_new(self) -> str:
        new: str = self.cleaned_data["new"]
        password_validation.validate_password(new, self.person)
        return new


class PersonForm(gov.GovForm):
    """A person's details. `line_manager` cleans to a User, or None."""

    name = NameField(
        label="Name",
        max_length=150,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
        error_messages={"required": "Enter their name"},
    )
    email = AddressField(
        label="E-mail address",
        help_text="They sign in with it, and mail goes there",
        widget=forms.EmailInput(attrs={"autocomplete": "off"}),
    )
    job_role = forms.ChoiceField(
        label="Job role",
        choices=[("", "Choose a job role"), *JobRole.choices],
        error_messages={"required": "Choose their job role"},
    )
    line_manager = AddressField(
        label="Line manager’s e-mail address (optional)",
        help_text="Nobody moderates an audit by their line manager or by somebody they manage",
        required=False,
        widget=forms.EmailInput(attrs={"autocomplete": "off"}),
    )

    def clean_line_manager(self) -> User | None:
        address: str = self.cleaned_data["line_manager"]
        if not address:
            return None
        manager: User | None = User.objects.active().filter(email=address.lower()).first()
        if manager is None:
            raise forms.ValidationError("Nobody who may sign in has this address")
        return manager


class ConfirmForm(gov.GovForm):
    """Nothing to fill in: a page that asks before it acts, and says why when the rules refuse."""


class PeopleFilterForm(gov.GovForm):
    """Which people the list shows. Every field may be left empty."""

    q = NameField(label="Name or e-mail", max_length=200, required=False)
    role = forms.ChoiceField(label="Role today", choices=[("", "Any role"), *Role.choices], required=False)
    team = forms.ModelChoiceField(
        label="Team today", queryset=Team.objects.all(), required=False, empty_label="Any team"
    )
    show = forms.ChoiceField(
        label="Accounts",
        choices=[("", "Active"), ("deactivated", "Deactivated"), ("all", "All")],
        required=False,
    )


class CouncilRoleForm(gov.GovForm):
    """A role held in the council as a whole. Cleans to what `grant_role` takes; the other two add where."""

    role = forms.ChoiceField(
        label="Role",
        error_messages={"required": "Choose a role"},
        choices=[(role.value, role.label) for role in PLAIN_ROLES],
        widget=gov.Radios(
            hints={
                Role.AUDITOR: "May be given audits to write",
                Role.MODERATOR: "May sit on moderation panels",
                Role.QA_LEAD: "Runs the programme and reads every submitted audit",
                Role.PSW: "Runs the programme with the QA lead and reads every submitted audit",
                Role.BUSINESS_SUPPORT: "Manages people and prepares the programme; reads no audit",
                Role.INFORMATION_GOVERNANCE: "Answers who saw which record; reads no audit",
                Role.SYSTEM_ADMINISTRATOR: "Manages people; reads no audit",
            }
        ),
    )
    starts_on = DayField(
        label="First day with the role",
        help_text="The day on which they took it on, or will",
        initial=timezone.localdate,
    )

    def clean_role(self) -> Role:
        return Role(self.cleaned_data["role"])


class TeamRoleForm(CouncilRoleForm):
    """A role held in a team."""

    role = forms.ChoiceField(
        label="Role",
        error_messages={"required": "Choose a role"},
        choices=[(role.value, role.label) for role in TEAM_ROLES],
        widget=gov.Radios(
            hints={
                Role.TEAM_MEMBER: "Is not given children of this team to audit",
                Role.TEAM_MANAGER: "Whoever manages the team until now hands over on the first day below",
            }
        ),
    )
    team = forms.ModelChoiceField(
        label="Team",
        queryset=Team.objects.all(),
        empty_label="Choose a team",
        error_messages={"required": "Choose a team"},
    )
    field_order = ("role", "team", "starts_on")


class ServiceRoleForm(CouncilRoleForm):
    """A role held in a service."""

    role = forms.ChoiceField(
        label="Role",
        error_messages={"required": "Choose a role"},
        choices=[(role.value, role.label) for role in SERVICE_ROLES],
        widget=gov.Radios(
            hints={
                Role.SERVICE_MANAGER: "Whoever manages the service until now hands over on the first day below",
                Role.SENIOR_LEADER: "An Assistant Director leads one service, the Director all of them",
            }
        ),
    )
    service = forms.ModelChoiceField(
        label="Service", queryset=Service.objects.all(), required=False, empty_label="All services"
    )
    field_order = ("role", "service", "starts_on")

    def clean(self) -> None:
        if self.cleaned_data.get("role") == Role.SERVICE_MANAGER and not self.cleaned_data.get("service"):
            self.add_error("service", "Choose the service that they manage")


class EndRoleForm(gov.GovForm):
    ends_on = DayField(
        label="First day without the role",
        help_text="Today takes it away at once. For somebody who has it to the end of November, give 1 December.",
        initial=timezone.localdate,
    )


class AuditorProfileForm(gov.GovForm):
    """What allocation knows of an auditor."""

    monthly_capacity = forms.IntegerField(
        label="Audits a month",
        help_text="At most. 0 gives them none for now.",
        min_value=0,
        max_value=LARGEST_CAPACITY,
        widget=forms.NumberInput(attrs={"class": "govuk-input--width-2"}),
    )
    pathways = forms.MultipleChoiceField(
        label="Pathways they know",
        help_text="Leaving care audits go only to auditors who know leaving care",
        choices=Pathway.choices,
        required=False,
        widget=gov.Checkboxes,
    )
    auditing_since = DayField(label="Auditing since", help_text="For example, 28 11 2024")


class TeamForm(gov.GovForm):
    name = NameField(
        label="Name of the team", max_length=120, error_messages={"required": "Enter the name of the team"}
    )
    service = forms.ModelChoiceField(
        label="Service",
        help_text="The manager of the service sees what the team owes",
        queryset=Service.objects.all(),
        required=False,
        empty_label="Not placed yet",
    )


class ServiceForm(gov.GovForm):
    name = NameField(
        label="Name of the service",
        max_length=120,
        error_messages={"required": "Enter the name of the service"},
    )

"""What allauth may do here: let known people in. Nobody signs themselves up."""

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from django.http import HttpRequest
from django.utils.http import url_has_allowed_host_and_scheme

from accounts.models import User


class CouncilAccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]  # allauth ships no types
    error_messages = DefaultAccountAdapter.error_messages | {
        "email_password_mismatch": "The e-mail address or the password is not right. Try again, or set a new password.",
        "too_many_login_attempts": (
            "There were too many wrong passwords for this address. Wait 15 minutes, or set a new password."
        ),
    }

    def is_open_for_signup(self, request: HttpRequest) -> bool:  # noqa: ARG002 - allauth's signature
        return False

    def add_message(self, *_args: Any, **_kwargs: Any) -> None:
        """Nothing beside the page: that somebody signed in or out is plain to see."""

    def is_ajax(self, request: HttpRequest) -> bool:  # noqa: ARG002 - allauth's signature
        """Our pages answer with pages, whatever a request claims to be."""
        return False

    def is_safe_url(self, url: str) -> bool:
        """Whether to go there after signing in: only within this site, and never a broken address."""
        return url_has_allowed_host_and_scheme(
            url, allowed_hosts={self.request.get_host()}, require_https=self.request.is_secure()
        )

    def authenticate(self, request: HttpRequest, **credentials: Any) -> User | None:
        """The person whose password this is; a deactivated person is answered as a stranger."""
        user: User | None = super().authenticate(request, **credentials)
        return user if user is not None and user.is_active else None

    def set_password(self, user: User, password: str) -> None:
        """Sets it, and forgets the failed attempts that sent its owner to set a new one."""
        super().set_password(user, password)
        self._delete_login_attempts_cached_email(self.request, email=user.email)

"""What allauth may do here: let known people in. Nobody signs themselves up."""

from allauth.account.adapter import DefaultAccountAdapter
from django.http import HttpRequest


class CouncilAccountAdapter(DefaultAccountAdapter):  # type: ignore[misc] - allauth ships no types
    def is_open_for_signup(self, request: HttpRequest) -> bool:  # noqa: ARG002 - allauth's signature
        return False

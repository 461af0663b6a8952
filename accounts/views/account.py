"""One's own account."""

from django.contrib import messages
from django.contrib.auth import update_session_auth_hash
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_safe

from accounts.forms import ChangePasswordForm
from accounts.http import SignedInRequest


@require_safe
def account_detail(request: SignedInRequest) -> HttpResponse:
    """Who I am here and which roles I hold."""
    roles = request.user.memberships.on(timezone.localdate()).select_related("team", "service")
    return render(request, "accounts/account_detail.html", {"roles": roles})


@sensitive_post_parameters("current", "new")
def password_change(request: SignedInRequest) -> HttpResponse:
    """Sets another password; the person stays signed in here and is signed out everywhere else."""
    form = ChangePasswordForm(request.POST or None, person=request.user)
    if request.method == "POST" and form.is_valid():
        request.user.set_password(form.cleaned_data["new"])
        request.user.save(update_fields=["password"])
        update_session_auth_hash(request, request.user)
        messages.success(request, "Your password has been changed.")
        return redirect("accounts:account_detail")
    return render(request, "accounts/password_change.html", {"form": form})

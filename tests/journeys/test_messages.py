"""The QA lead looks after the mail."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from accounts.models import User
from notifications.enums import MessageStatus
from notifications.models import Message
from tests.browser import assert_accessible

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def test_a_mail_that_could_not_be_sent_is_sent_again(
    page: Page, sign_in_as: Callable[[User], None], quentin: User, asha: User, mailoutbox: list[object]
) -> None:
    for number in range(3):
        Message.objects.create(
            kind="accounts.password_link",
            recipient=asha,
            subject_key=str(number),
            status=MessageStatus.DEAD,
            attempts=11,
            last_error="The mail server answered 451: Mailbox temporarily unavailable, please try again later",
        )
    sign_in_as(quentin)
    page.goto("/")
    page.get_by_role("link", name="Set up").click()
    page.get_by_role("link", name="Messages").click()
    assert page.title() == "Messages – Child Journey Audits"
    assert_accessible(page)

    page.get_by_role("button", name="Send again").first.click()
    expect(page.get_by_role("alert")).to_contain_text("The message to Asha Auditor is on its way again.")
    expect(page.get_by_role("row")).to_have_count(3)
    assert len(mailoutbox) == 1

    page.get_by_role("button", name="Set aside").first.click()
    expect(page.get_by_role("alert")).to_contain_text("The message to Asha Auditor will not be sent.")
    page.get_by_role("link", name="Sent", exact=True).click()
    expect(page.get_by_role("row")).to_have_count(2)
    assert_accessible(page)
    page.get_by_role("link", name="Waiting").click()
    expect(page.get_by_role("heading", name="No messages here")).to_be_visible()
    assert_accessible(page)

import pytest

pytest.register_assert_rewrite("tests.browser")

from tests.browser import _database_beside_a_browser, base_url, browser_type_launch_args, page, sign_in_as  # noqa: E402

__all__ = ["_database_beside_a_browser", "base_url", "browser_type_launch_args", "page", "sign_in_as"]

"""Who sits on the panels of these tests."""

from __future__ import annotations

import pytest

from accounts.models import User
from tests.factories.moderation import moderator


@pytest.fixture
def mona(db: None) -> User:
    """Mona, a moderator from Safeguarding."""
    return moderator("Mona Moderator", "Safeguarding")


@pytest.fixture
def felix(db: None) -> User:
    """Felix, a moderator from Permanence."""
    return moderator("Felix Fairfax", "Permanence")


@pytest.fixture
def rosa(db: None) -> User:
    """Rosa, from Permanence, who is a reserve."""
    return moderator("Rosa Reserve", "Permanence")

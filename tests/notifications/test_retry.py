"""The arithmetic of retries, as properties."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from notifications.retry import GIVE_UP_AFTER, LEASE, is_hopeless, lease_until, next_attempt, retry_delay

START = datetime(2026, 11, 2, 9, 0, tzinfo=UTC)
jitters = st.floats(min_value=0, max_value=1)


def test_waits_without_jitter_are_1_5_15_60_and_240_minutes() -> None:
    waits = [retry_delay(attempts, 0) / timedelta(minutes=1) for attempts in range(1, 8)]
    assert waits == [1, 5, 15, 60, 240, 240, 240]


@given(st.integers(1, 100), jitters)
def test_jitter_adds_up_to_a_fifth(attempts: int, jitter: float) -> None:
    plain = retry_delay(attempts, 0)
    assert plain <= retry_delay(attempts, jitter) <= plain * 1.2


@given(st.lists(jitters, min_size=20, max_size=20), st.lists(st.integers(0, 90), min_size=20, max_size=20))
def test_a_message_is_tried_for_24_hours_and_then_given_up(jitters: list[float], seconds: list[int]) -> None:
    """The last attempt falls on the 24th hour, or so near it that the hour passed while it was made; none follows."""
    at, moments = START, [START]
    for attempts, (jitter, took) in enumerate(zip(jitters, seconds, strict=True), start=1):
        failed_at = at + timedelta(seconds=took)
        due = next_attempt(attempts=attempts, first_tried_at=START, now=failed_at, jitter=jitter)
        if due is None:
            break
        assert due > at
        at = due
        moments.append(at)
    assert due is None
    assert moments[-1] == START + GIVE_UP_AFTER or failed_at >= START + GIVE_UP_AFTER
    assert moments[-1] <= START + GIVE_UP_AFTER
    assert 10 <= len(moments) <= 12


@given(st.integers(1, 100), jitters)
def test_a_lease_is_longer_than_a_sending_and_grows_like_the_waits(attempts: int, jitter: float) -> None:
    lease = lease_until(attempts=attempts, now=START, jitter=jitter) - START
    assert lease == max(LEASE, retry_delay(attempts, jitter))


def test_a_message_whose_senders_keep_dying_is_hopeless_after_all_its_attempts_and_its_24_hours() -> None:
    day_later = START + GIVE_UP_AFTER
    assert is_hopeless(attempts=6, first_tried_at=START, now=day_later)
    assert not is_hopeless(attempts=5, first_tried_at=START, now=day_later)
    assert not is_hopeless(attempts=6, first_tried_at=START, now=day_later - timedelta(seconds=1))
    assert not is_hopeless(attempts=0, first_tried_at=None, now=day_later)

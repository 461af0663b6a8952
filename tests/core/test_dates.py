from datetime import UTC, date, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.dates import (
    FinancialYear,
    Quarter,
    add_months,
    add_working_days,
    age_band,
    age_in_years,
    bank_holidays,
    is_working_day,
    last_day_of_month,
    last_working_day_of_month,
    london_date,
    working_days_between,
)

days = st.dates(date(2010, 1, 1), date(2040, 12, 31))
working_day_counts = st.integers(-120, 120)
closure_sets = st.frozensets(st.dates(date(2024, 1, 1), date(2024, 3, 1)), max_size=10)


class TestLondonDate:
    def test_summer_time_starts_the_day_an_hour_before_utc(self) -> None:
        assert london_date(datetime(2026, 6, 30, 22, 59, tzinfo=UTC)) == date(2026, 6, 30)
        assert london_date(datetime(2026, 6, 30, 23, 0, tzinfo=UTC)) == date(2026, 7, 1)

    def test_winter_time_is_utc(self) -> None:
        assert london_date(datetime(2026, 12, 31, 23, 59, tzinfo=UTC)) == date(2026, 12, 31)

    def test_the_night_the_clocks_go_back(self) -> None:
        assert london_date(datetime(2026, 10, 24, 22, 59, tzinfo=UTC)) == date(2026, 10, 24)
        assert london_date(datetime(2026, 10, 24, 23, 0, tzinfo=UTC)) == date(2026, 10, 25)
        assert london_date(datetime(2026, 10, 25, 23, 30, tzinfo=UTC)) == date(2026, 10, 25)

    def test_another_zone(self) -> None:
        tokyo = timezone(timedelta(hours=9))
        assert london_date(datetime(2026, 4, 1, 7, 59, tzinfo=tokyo)) == date(2026, 3, 31)

    def test_a_quarter_is_taken_from_the_london_date(self) -> None:
        last_hour_of_june_in_utc = datetime(2026, 6, 30, 23, 30, tzinfo=UTC)
        assert str(Quarter.of(london_date(last_hour_of_june_in_utc))) == "2026-27 Q2"

    def test_a_naive_moment_is_refused(self) -> None:
        with pytest.raises(ValueError, match=r"^A moment without a time zone has no London date\.$"):
            london_date(datetime(2026, 6, 30, 23, 30))  # noqa: DTZ001


class TestBankHolidays:
    @pytest.mark.parametrize(
        ("day", "why"),
        [
            (date(2020, 5, 8), "VE Day took the place of the early May Monday"),
            (date(2022, 6, 2), "the spring holiday moved"),
            (date(2022, 6, 3), "the Platinum Jubilee"),
            (date(2022, 9, 19), "the State Funeral"),
            (date(2023, 5, 8), "the Coronation"),
            (date(2022, 1, 3), "New Year's Day 2022 was a Saturday"),
            (date(2021, 12, 27), "Christmas Day 2021 was a Saturday"),
            (date(2021, 12, 28), "and Boxing Day a Sunday"),
            (date(2022, 12, 27), "Christmas Day 2022 was a Sunday"),
            (date(2020, 12, 28), "Boxing Day 2020 was a Saturday"),
            (date(2024, 3, 29), "Good Friday"),
            (date(2024, 4, 1), "Easter Monday"),
            (date(2038, 4, 26), "the latest Easter there is"),
        ],
    )
    def test_nobody_is_at_work(self, day: date, why: str) -> None:
        assert not is_working_day(day), why

    @pytest.mark.parametrize(
        ("day", "why"),
        [
            (date(2020, 5, 4), "the early May Monday of 2020 was worked"),
            (date(2022, 5, 30), "so was the last Monday of May 2022"),
            (date(2022, 12, 28), "the substitute day was the 27th"),
            (date(2024, 3, 18), "the Monday after Saint Patrick is Northern Ireland's"),
            (date(2024, 1, 2), "2 January is Scotland's"),
            (date(2024, 8, 5), "the first Monday of August is Scotland's"),
        ],
    )
    def test_people_are_at_work(self, day: date, why: str) -> None:
        assert is_working_day(day), why

    @pytest.mark.parametrize("year", range(2020, 2041))
    def test_each_year_has_at_least_eight_on_weekdays(self, year: int) -> None:
        on_weekdays = [day for day in bank_holidays(year) if day.weekday() < 5]
        one_off = {2022: 2, 2023: 1}
        assert len(on_weekdays) == 8 + one_off.get(year, 0)


class TestWorkingDays:
    def test_over_easter(self) -> None:
        assert add_working_days(date(2024, 3, 28), 1) == date(2024, 4, 2)
        assert working_days_between(date(2024, 3, 28), date(2024, 4, 2)) == 1

    def test_over_christmas_on_a_weekend_with_its_substitute_days(self) -> None:
        assert add_working_days(date(2021, 12, 24), 1) == date(2021, 12, 29)
        assert add_working_days(date(2021, 12, 24), 3) == date(2021, 12, 31)
        assert add_working_days(date(2021, 12, 24), 4) == date(2022, 1, 4)

    def test_before_a_date(self) -> None:
        assert add_working_days(date(2026, 11, 30), -10) == date(2026, 11, 16)
        assert add_working_days(date(2026, 11, 30), -3) == date(2026, 11, 25)

    def test_a_day_off_as_the_start_is_not_counted(self) -> None:
        saturday = date(2026, 11, 28)
        assert add_working_days(saturday, 5) == date(2026, 12, 4)
        assert add_working_days(saturday, 0) == saturday

    def test_the_council_closes_too(self) -> None:
        between_christmas_and_new_year = frozenset({date(2026, 12, day) for day in (29, 30, 31)})
        assert add_working_days(date(2026, 12, 24), 1) == date(2026, 12, 29)
        assert add_working_days(date(2026, 12, 24), 1, between_christmas_and_new_year) == date(2027, 1, 4)

    @pytest.mark.parametrize(
        ("quarter", "frozen_on"),
        [
            (Quarter(2023, 4), date(2024, 4, 22)),  # 31 March 2024 was Easter Sunday
            (Quarter(2024, 1), date(2024, 7, 19)),
            (Quarter(2024, 2), date(2024, 10, 21)),
            (Quarter(2024, 3), date(2025, 1, 22)),
            (Quarter(2024, 4), date(2025, 4, 23)),
        ],
    )
    def test_fifteen_working_days_after_a_quarter(self, quarter: Quarter, frozen_on: date) -> None:
        assert add_working_days(quarter.last_day, 15) == frozen_on

    @given(days, working_day_counts, closure_sets)
    def test_between_undoes_add(self, start: date, count: int, closures: frozenset[date]) -> None:
        assert working_days_between(start, add_working_days(start, count, closures), closures) == count

    @given(days, working_day_counts.filter(bool), closure_sets)
    def test_the_answer_is_a_working_day(self, start: date, count: int, closures: frozenset[date]) -> None:
        assert is_working_day(add_working_days(start, count, closures), closures)

    @given(days, st.integers(0, 60), st.integers(0, 60))
    def test_steps_add_up(self, start: date, first: int, second: int) -> None:
        assert add_working_days(add_working_days(start, first), second) == add_working_days(
            start, first + second
        )

    @given(days, st.integers(0, 200), st.integers(0, 200))
    def test_days_between_add_up(self, start: date, first: int, second: int) -> None:
        middle = start + timedelta(days=first)
        end = middle + timedelta(days=second)
        parts = working_days_between(start, middle) + working_days_between(middle, end)
        assert parts == working_days_between(start, end)


class TestMonths:
    @pytest.mark.parametrize(
        ("month", "last"),
        [
            (date(2026, 11, 1), date(2026, 11, 30)),
            (date(2024, 3, 5), date(2024, 3, 28)),  # Good Friday was the 29th
            (date(2026, 5, 1), date(2026, 5, 29)),
            (date(2021, 12, 31), date(2021, 12, 31)),
            (date(2024, 2, 10), date(2024, 2, 29)),
        ],
    )
    def test_last_working_day(self, month: date, last: date) -> None:
        assert last_working_day_of_month(month) == last

    def test_last_working_day_when_the_council_closes(self) -> None:
        assert last_working_day_of_month(date(2026, 12, 1), frozenset({date(2026, 12, 31)})) == date(
            2026, 12, 30
        )

    @pytest.mark.parametrize(
        ("start", "months", "end"),
        [
            (date(2024, 1, 31), 1, date(2024, 2, 29)),
            (date(2023, 1, 31), 1, date(2023, 2, 28)),
            (date(2024, 1, 31), 2, date(2024, 3, 31)),
            (date(2024, 3, 31), -1, date(2024, 2, 29)),
            (date(2024, 12, 15), 1, date(2025, 1, 15)),
            (date(2024, 12, 31), 12, date(2025, 12, 31)),
            (date(2024, 2, 29), 12, date(2025, 2, 28)),
            (date(2025, 1, 10), -1, date(2024, 12, 10)),
        ],
    )
    def test_add_months(self, start: date, months: int, end: date) -> None:
        assert add_months(start, months) == end

    @given(days, st.integers(-240, 240))
    def test_add_months_lands_in_that_month_and_never_later_in_it(self, start: date, months: int) -> None:
        end = add_months(start, months)
        assert end.year * 12 + end.month == start.year * 12 + start.month + months
        assert end.day == min(start.day, last_day_of_month(end).day)


class TestAge:
    @pytest.mark.parametrize(
        ("birth", "on", "age", "band"),
        [
            ((2026, 12), date(2026, 11, 30), -1, "Unborn"),
            ((2026, 11), date(2026, 11, 1), 0, "Under 1"),
            ((2025, 12), date(2026, 11, 30), 0, "Under 1"),
            ((2025, 11), date(2026, 11, 1), 1, "1 to 4"),
            ((2021, 12), date(2026, 11, 1), 4, "1 to 4"),
            ((2021, 11), date(2026, 11, 1), 5, "5 to 9"),
            ((2016, 11), date(2026, 11, 1), 10, "10 to 15"),
            ((2010, 12), date(2026, 11, 1), 15, "10 to 15"),
            ((2010, 11), date(2026, 11, 1), 16, "16 and 17"),
            ((2008, 11), date(2026, 11, 1), 18, "18 and over"),
        ],
    )
    def test_age(self, birth: tuple[int, int], on: date, age: int, band: str) -> None:
        assert (age_in_years(*birth, on), age_band(age)) == (age, band)

    def test_an_age_that_is_not_known(self) -> None:
        assert age_band(None) == "Not recorded"


class TestFinancialYear:
    def test_reads_what_it_prints(self) -> None:
        assert FinancialYear.parse("2024-25") == FinancialYear(2024)
        assert str(FinancialYear(2024)) == "2024-25"
        assert str(FinancialYear(2098)) == "2098-99"
        assert str(FinancialYear(2009)) == "2009-10"

    def test_days(self) -> None:
        year = FinancialYear(2024)
        assert (year.first_day, year.last_day) == (date(2024, 4, 1), date(2025, 3, 31))
        assert FinancialYear.of(date(2025, 3, 31)) == year
        assert FinancialYear.of(date(2025, 4, 1)) == FinancialYear(2025)

    def test_quarters(self) -> None:
        assert [str(quarter) for quarter in FinancialYear(2024).quarters] == [
            "2024-25 Q1",
            "2024-25 Q2",
            "2024-25 Q3",
            "2024-25 Q4",
        ]

    @pytest.mark.parametrize(
        "text", ["2024", "2024-26", "2024-24", "2024/25", "24-25", " 2024-25", "2024-25\n", "٢٠٢٤-٢٥", ""]
    )
    def test_refuses_what_is_not_a_year(self, text: str) -> None:
        with pytest.raises(
            ValueError,
            match=r"^Write the financial year as two years that follow each other, such as 2024-25\.$",
        ):
            FinancialYear.parse(text)

    @pytest.mark.parametrize("text", ["1999-00", "2099-00", "9999-00", "0000-01"])
    def test_refuses_years_out_of_reach(self, text: str) -> None:
        with pytest.raises(ValueError, match=r"^Use a financial year from 2000-01 to 2098-99\.$"):
            FinancialYear.parse(text)


class TestQuarter:
    def test_reads_what_it_prints(self) -> None:
        assert Quarter.parse("2024-25", "Q2") == Quarter(2024, 2)
        assert str(Quarter(2024, 2)) == "2024-25 Q2"

    @pytest.mark.parametrize(
        ("number", "first", "last"),
        [
            (1, date(2024, 4, 1), date(2024, 6, 30)),
            (2, date(2024, 7, 1), date(2024, 9, 30)),
            (3, date(2024, 10, 1), date(2024, 12, 31)),
            (4, date(2025, 1, 1), date(2025, 3, 31)),
        ],
    )
    def test_days(self, number: int, first: date, last: date) -> None:
        quarter = Quarter(2024, number)
        assert (quarter.first_day, quarter.last_day) == (first, last)
        assert Quarter.of(first) == quarter
        assert Quarter.of(last) == quarter

    def test_months(self) -> None:
        assert Quarter(2024, 4).months == (date(2025, 1, 1), date(2025, 2, 1), date(2025, 3, 1))

    def test_previous(self) -> None:
        assert Quarter(2024, 2).previous() == Quarter(2024, 1)
        assert Quarter(2024, 1).previous() == Quarter(2023, 4)

    def test_the_earliest_quarter_has_a_previous_one(self) -> None:
        assert str(Quarter.parse("2000-01", "Q1").previous()) == "1999-00 Q4"

    def test_year_to_date(self) -> None:
        assert Quarter(2024, 3).year_to_date == (Quarter(2024, 1), Quarter(2024, 2), Quarter(2024, 3))

    def test_order_is_time_order(self) -> None:
        assert sorted([Quarter(2025, 1), Quarter(2024, 4), Quarter(2024, 2)]) == [
            Quarter(2024, 2),
            Quarter(2024, 4),
            Quarter(2025, 1),
        ]

    @pytest.mark.parametrize("text", ["Q0", "Q5", "q2", "2", "Q2 ", "Q12", "Q2\n", ""])
    def test_refuses_what_is_not_a_quarter(self, text: str) -> None:
        with pytest.raises(ValueError, match=r"^Write the quarter as Q1, Q2, Q3 or Q4\.$"):
            Quarter.parse("2024-25", text)

    @pytest.mark.parametrize("number", [0, 5, -1])
    def test_cannot_be_built_wrong(self, number: int) -> None:
        with pytest.raises(ValueError, match=r"^Write the quarter as Q1, Q2, Q3 or Q4\.$"):
            Quarter(2024, number)

    @given(days)
    def test_every_day_is_in_one_quarter(self, day: date) -> None:
        quarter = Quarter.of(day)
        assert quarter.first_day <= day <= quarter.last_day
        assert quarter.previous().last_day + timedelta(days=1) == quarter.first_day
        assert day.replace(day=1) in quarter.months

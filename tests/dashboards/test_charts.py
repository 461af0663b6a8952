from hypothesis import given
from hypothesis import strategies as st

from audits.enums import BAND_GRADES
from dashboards.charts import BANDS, stacked_bars

ALL_GOOD = {"outstanding": 0, "good": 12, "requires_improvement": 0, "inadequate": 0}
MIXED = {"outstanding": 1, "good": 2, "requires_improvement": 3, "inadequate": 94}


def percent(text: str) -> float:
    assert text.endswith("%")
    return float(text.removesuffix("%"))


def test_the_bands_are_the_grades_in_their_order_and_words() -> None:
    assert [(band.code, band.label) for band in BANDS] == [
        (grade.value, grade.label) for grade in BAND_GRADES
    ]


def test_one_grade_fills_its_bar() -> None:
    (bar,) = stacked_bars("visits", "Visits", [("2024-25 Q1", ALL_GOOD)]).bars
    (segment,) = bar.segments
    assert (bar.label, segment.text) == ("2024-25 Q1: 12 graded", "G 12")
    assert (segment.x, segment.middle, segment.width) == ("0.00%", "50.00%", "100.00%")
    assert (segment.fill, segment.ink) == ("#28A197", "#0b0c0c")


def test_narrow_neighbours_have_their_numbers_on_two_lines_underneath() -> None:
    (bar,) = stacked_bars("visits", "Visits", [("2024-25 Q1", MIXED)]).bars
    assert [(segment.text, segment.text_y, segment.ink) for segment in bar.segments] == [
        ("O 1", 73, "#0b0c0c"),
        ("G 2", 91, "#0b0c0c"),
        ("RI 3", 73, "#0b0c0c"),
        ("I 94", 46, "#ffffff"),
    ]


def test_every_number_is_said_in_words() -> None:
    nothing = dict.fromkeys(MIXED, 0)
    drawing = stacked_bars("visits", "Visits", [("2024-25 Q2", MIXED), ("2024-25 Q1", nothing)])
    assert drawing.description == (
        "2024-25 Q2: Outstanding 1, Good 2, Requires improvement 3, Inadequate 94. 2024-25 Q1: none graded."
    )
    assert drawing.bars[1].segments == ()


def test_bars_and_key_stand_below_each_other_within_the_height() -> None:
    drawing = stacked_bars("visits", "Visits", [("2024-25 Q2", MIXED), ("2024-25 Q1", MIXED)])
    tops = [bar.y for bar in drawing.bars] + [line.y for line in drawing.key]
    assert tops == [0, 92, 184, 210, 236, 262]
    assert drawing.height == 288


@given(st.tuples(*[st.integers(0, 200)] * 4).filter(any))
def test_segments_touch_and_fill_the_bar(counts: tuple[int, ...]) -> None:
    grades = dict(zip(MIXED, counts, strict=True))
    (bar,) = stacked_bars("visits", "Visits", [("2024-25 Q1", grades)]).bars
    end = 0.0
    for segment in bar.segments:
        assert abs(percent(segment.x) - end) < 0.02
        end = percent(segment.x) + percent(segment.width)
    assert abs(end - 100) < 0.02

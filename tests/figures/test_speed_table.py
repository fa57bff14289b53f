"""The numbers of `benchmark` as tables, as a page and as charts."""

import re

import pytest

from tests.figures.speed_numbers import numbers
from wgangp_tf.figures import speed, speed_page, speed_table


@pytest.fixture
def measured():
    return numbers()


def test_each_line_is_a_row_and_says_why_it_has_no_numbers(measured):
    head, ours, other, missing, late = speed_table.rows(measured["lines"])
    assert head[3:] == ["ms a step", "images/s", "GFLOP/s", "of the limit", "against ours", "peak MB"]
    assert ours == [
        "digits",
        "float32",
        "this program",
        "8.00 (7.00 to 9.50)",
        "24,000",
        "104.0",
        "52 %",
        "1.00 x",
        "770",
    ]
    assert other[3:] == ["120 (110 to 130)", "1,600", "6.9", "3 %", "15.00 x", "2,300"]
    assert missing[3:] == ["not measured: torch is not installed", "", "", "", "", ""]
    assert late[3] == "not measured: no time was left"


def test_others_have_numbers_where_ours_has_none(measured):
    ours, other, *_ = measured["lines"]
    del ours["seconds"], other["operations_per_second"], other["share_of_limit"], other["against_ours"]
    assert speed_table.rows([ours, other])[2][3:] == ["120 (110 to 130)", "1,600", "", "", "", "2,300"]


def test_what_the_machine_can_do(measured):
    assert speed_table.limits(measured) == [
        ("products of large matrices, float32", "200 GFLOP/s (190 to 210)"),
        ("memory, adding one large array to another", "20 GB/s (20 to 20)"),
    ]


def test_start_up(measured):
    assert speed_table.start_up(measured) == "digits: 7.5 s to the end of the first step (imports 4.5, first step 3.0)"
    assert speed_table.start_up({"start_up": {"work": "digits", "reason": "no"}}) == "not measured: no"
    assert speed_table.start_up({"start_up": {}}) == ""


def test_curves_are_tables(measured):
    assert speed_table.curve("batch_size", measured["curves"]["batch_size"]) == [
        ["batch", "ms a step", "images/s", "peak MB"],
        ["8", "10.0", "800", "700"],
        ["16", "not measured: no time was left", "", ""],
    ]
    assert speed_table.curve("image_size", measured["curves"]["image_size"])[1][0] == "16x16"


def test_columns_of_a_plain_table_line_up(measured):
    lines = speed_table.plain(speed_table.rows(measured["lines"])).splitlines()
    places = {line.index(word) for line, word in zip(lines[:3], ("images/s", "24,000", "1,600"), strict=True)}
    assert len(places) == 1 and all(line == line.rstrip() for line in lines)


def test_the_page_says_what_was_measured_where_and_when(measured):
    text = speed_page.text(measured, "speed.png", "speed_curves.png")
    assert text.startswith(speed_page.FIRST_LINE)
    for part in ("2026-01-02: a processor, 2 cores", "3.5 other processes", "(speed.png)", "(speed_curves.png)"):
        assert part in text
    assert "stopped before it was done" not in text and "never run on a GPU" in text
    assert "| digits | float32 | this program | 8.00 (7.00 to 9.50) |" in text
    assert not re.search(r"\{\w*\}", text)
    for row in re.findall(r"^\|.*$", text, re.M):
        assert row.endswith("|")


def test_the_page_of_a_stopped_run_on_a_gpu(measured):
    measured |= {"complete": False, "curves": {}}
    measured["machine"] |= {"devices": ["some GPU"], "load": 0.1}
    text = speed_page.text(measured, "speed.png")
    assert "It was stopped before it was done." in text and "## Curves" not in text
    assert "never run on a GPU" not in text and "busy" not in text


def test_a_bar_for_each_that_was_measured(measured):
    figure = speed.draw(measured)
    left, right = figure.subfigs[0].axes
    bars = [bar.get_width() for bar in left.patches if bar.get_width()]
    assert bars == [1.0, 15.0]
    assert [bar.get_width() for bar in right.patches] == [52.0, pytest.approx(3.4)]
    assert [text.get_text() for text in figure.subfigs[0].legends[0].get_texts()] == ["this program", "another"]
    assert [label.get_text() for label in left.get_yticklabels()] == ["digits\nfloat32"]


def test_a_chart_where_nothing_was_measured(measured):
    measured["lines"] = []
    assert speed.draw(measured).subfigs[0].axes[0].patches[:] == []


def test_a_curve_for_each_axis(measured):
    first, second = speed.draw_curves(measured).subfigs[0].axes
    assert list(first.lines[0].get_ydata()) == [10.0] and first.get_xlabel() == "batch_size"
    assert list(second.lines[0].get_ydata()) == [20.0]
    del measured["curves"]["image_size"]["lines"][0]["seconds"]
    assert len(speed.draw_curves(measured).subfigs[0].axes) == 1
    assert list(speed.measured_curves(measured)) == ["batch_size"]

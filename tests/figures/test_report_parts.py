"""Parts of pages: what comes from a run is text and nothing else, and numbers are exact."""

import base64
import gzip
import json

import pytest
from plotly.offline import get_plotlyjs

from tests.figures import runs
from wgangp_tf.figures import report_parts, run_files, style

_EVIL = "<script>alert(1)</script><img src=x onerror=\"alert('2')\">&amp;"
_DATA = {"runs": [], "charts": []}


def _page(tmp_path, html, title="title", data=None):
    path = tmp_path / "page.html"
    report_parts.write(path, title, {"top": ("Top", html), "more": ("More", "")}, data or _DATA)
    return runs.Page(path)


@pytest.mark.parametrize(
    "value, shown",
    [
        (3, "3"),
        (1234567, "1,234,567"),
        (0.0, "0.000"),
        (1.0, "1.000"),
        (0.12345678, "0.1235"),
        (-0.0001234567, "-1.235e-04"),
        (5652.3, "5,652"),
        (123456.7, "123,457"),
        (1.5e6, "1.500e+06"),
    ],
)
def test_a_number_is_shown_in_short_and_kept_in_full(tmp_path, value, shown):
    page = _page(tmp_path, report_parts.number(value))
    assert shown in page.words.split()
    assert page.numbers == [value]


@pytest.mark.parametrize(
    "value, shown", [(10.0, "10.0"), (1e-4, "0.0001"), (None, "none"), (True, "true"), ((8, 6), "8x6"), ("a<b", "a<b")]
)
def test_a_setting_is_shown_in_full(tmp_path, value, shown):
    assert shown in _page(tmp_path, report_parts.setting(value)).words.split()


def test_a_tree_is_a_table_of_dotted_names(tmp_path):
    tree = {"a": {"b": 1, "c": {"d": "x"}}, "e": [1, 2], "f": [], "g": [{"h": 0.5}, 7]}
    cells = _page(tmp_path, report_parts.tree(tree)).cells
    assert cells == {"a.b": ["1"], "a.c.d": ["x"], "e": ["1, 2"], "f": ["none"], "g.1.h": ["0.5"], "g.2": ["7"]}


def test_text_of_a_run_is_nothing_but_text(tmp_path):
    picture = run_files.Picture(b"png", 6, 4, 3)
    chart = {
        "title": _EVIL,
        "unit": _EVIL,
        "meaning": "",
        "norms": False,
        "series": [{"label": _EVIL, "unit": _EVIL, "meaning": _EVIL, "look": 0}],
    }
    parts = report_parts.tree({_EVIL: _EVIL}) + report_parts.picture(picture, _EVIL) + report_parts.chart(0, chart)
    told = report_parts.chart(0, chart | {"meaning": _EVIL})
    page = _page(
        tmp_path, parts + told + report_parts.text(_EVIL), _EVIL, {"runs": [{"name": _EVIL}], "charts": [chart]}
    )
    assert page.data["runs"][0]["name"] == _EVIL and page.data["charts"] == [chart]
    assert len(page.all("script")) == 3 and len(page.all("img")) == 1
    assert page.all("img")[0]["alt"] == _EVIL
    assert [name for _, attributes in page.elements for name in attributes if name.startswith("on")] == []
    assert page.cells[_EVIL] == [_EVIL]
    assert page.words.count(_EVIL) >= 8


def test_plotly_is_in_the_page_once_and_packed(tmp_path):
    page = _page(tmp_path, "")
    packed = base64.b64decode(page.texts["plotly"])
    assert gzip.decompress(packed).decode() == get_plotlyjs()
    assert page.source.count(page.texts["plotly"]) == 1
    assert len(page.source) < 0.5 * len(get_plotlyjs())


def test_a_picture_is_in_the_page_as_it_is_in_its_file(tmp_path):
    page = _page(tmp_path, report_parts.picture(run_files.Picture(b"\x00png", 250, 40, 3), "what", "hidden"))
    (image,) = page.all("img")
    assert image["src"] == "data:image/png;base64," + base64.b64encode(b"\x00png").decode()
    assert (image["width"], image["height"], image["class"]) == ("500", "80", "crisp")  # twice: whole pixels
    assert "hidden" in image
    large = report_parts.picture(run_files.Picture(b"", 600, 40, 3), "what")
    assert 'width="600" height="40"' in large and "crisp" not in large


def test_curves_and_their_key_have_the_same_colours(tmp_path):
    page = _page(tmp_path, "")
    assert page.data["colors"] == {"light": list(style.CYCLE), "dark": list(style.CYCLE_ON_DARK)}
    for color in (*style.CYCLE, *style.CYCLE_ON_DARK):
        assert f": {color};" in page.styles[0]
    assert sorted(style.CYCLE_ON_DARK[:-1]) != sorted(style.CYCLE[:-1]) and "#000000" not in style.CYCLE_ON_DARK


def test_a_page_is_known_again(tmp_path):
    _page(tmp_path, "")
    assert report_parts.ours(tmp_path / "page.html")
    (tmp_path / "other.html").write_text("<!doctype html><title>report</title>")
    assert not report_parts.ours(tmp_path / "other.html")
    assert not report_parts.ours(tmp_path) and not report_parts.ours(tmp_path / "none")


def test_a_page_says_its_format(tmp_path):
    page = _page(tmp_path, "")
    assert {"name": "wgangp_tf-report-format", "content": "1"} in page.all("meta")
    assert page.data["format"] == 1


def test_every_link_leads_to_a_section(tmp_path):
    page = _page(tmp_path, "")
    sections = [one["id"] for one in page.all("section")]
    assert [link["href"] for link in page.all("a")] == [f"#{name}" for name in sections] == ["#more"]


def test_what_is_no_json_cannot_be_drawn(tmp_path):
    with pytest.raises(ValueError):
        _page(tmp_path, "", data=_DATA | {"odd": float("nan")})
    assert json.loads(_page(tmp_path, "").texts["report-data"])["runs"] == []

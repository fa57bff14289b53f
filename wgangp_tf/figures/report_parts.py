"""What the pages of `report` are put together from: HTML that loads nothing and holds no text that it was not meant to.

Everything that comes from a run goes through `text`. The page tells the browser to load nothing (Content-Security-
Policy), Plotly's JavaScript is inside it, and data for the charts is JSON in a script element of its own.
"""

import base64
import functools
import gzip
import html
import importlib.resources
import json

from wgangp_tf import files
from wgangp_tf.figures import style

FORMAT = 1
_GENERATOR = '<meta name="generator" content="wgangp_tf report">'
_MARK = 400  # characters, within which the generator is named
_NOTHING_FROM_ELSEWHERE = (
    "default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; img-src data: blob:"
)
_LEAST_WIDTH = 560  # pixels: smaller pictures are enlarged by a whole factor, so that their pixels stay squares
_COLORS = {"light": style.CYCLE, "dark": style.CYCLE_ON_DARK}


def write(path, title, sections, data):
    """Writes a page.

    Args:
      path: of the HTML file.
      title: text.
      sections: {id: (heading, HTML)}, in order; the first stands above the links to the others.
      data: dict for JSON: what the charts are drawn from.
    """
    first, *others = sections
    links = " ".join(f'<a href="#{name}">{text(sections[name][0])}</a>' for name in others)
    body = "".join(
        f'<section id="{name}"><h2>{text(sections[name][0])}</h2>\n{sections[name][1]}</section>\n' for name in others
    )
    page = (
        f'<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n{_GENERATOR}\n'
        f'<meta name="wgangp_tf-report-format" content="{FORMAT}">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{_NOTHING_FROM_ELSEWHERE}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{text(title)}</title>\n<style>\n{_swatches()}{_own('report.css')}</style>\n</head>\n<body>\n"
        f'<header>\n<h1>{text(sections[first][0])}</h1>\n<button id="theme" type="button" hidden>dark</button>\n'
        f"{sections[first][1]}<nav>{links}</nav>\n</header>\n<main>\n{body}</main>\n"
        f'<script type="application/json" id="report-data">{_json({"format": FORMAT, "colors": _COLORS} | data)}'
        f'</script>\n<script type="text/plain" id="plotly">{_plotly()}</script>\n'
        f"<script>\n{_own('report.js')}</script>\n</body>\n</html>\n"
    )
    files.replace(path, page)


def ours(path):
    """Whether a file is a page that `write` wrote."""
    if not path.is_file():
        return False
    with open(path, "rb") as file:
        return _GENERATOR.encode() in file.read(_MARK)


def text(value):
    """A value as text that is nothing but text in HTML."""
    return html.escape(str(value), quote=True)


def number(value):
    """A number to read, with the exact one beside it for programs: `<data value="0.123456">0.1235</data>`."""
    return _number(value, said(value))


def setting(value):
    """A value of a config or an environment: a number in full, others as text."""
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return _number(value, value)
    if isinstance(value, tuple):
        return text("x".join(map(str, value)))  # a size, as flags take it
    return text({None: "none", True: "true", False: "false"}.get(value, value))


def _number(value, shown):
    return f'<data value="{text(json.dumps(value))}">{text(shown)}</data>'


def said(value):
    """A number in four digits, whole ones in full."""
    if isinstance(value, int):
        return f"{value:,}"
    if value and not 1e-3 <= abs(value) < 1e6:
        return f"{value:.3e}"
    return f"{value:#,.4g}" if abs(value) < 1e3 else f"{value:,.0f}"


def table(head, rows, caption="", kind="numbers"):
    """A table that scrolls by itself where it is too wide, by keyboard too.

    Args:
      head: list of HTML, the titles of its columns.
      rows: lists of HTML, the first cell of each its title.
      caption: HTML, what it shows.
      kind: "numbers", or "settings", whose cells may be broken anywhere.
    """
    heads = "".join(f'<th scope="col">{cell}</th>' for cell in head)
    lines = "".join(
        f'<tr><th scope="row">{first}</th>{"".join(f"<td>{cell}</td>" for cell in cells)}</tr>\n'
        for first, *cells in rows
    )
    caption = f"<caption>{caption}</caption>" if caption else ""
    head_row = f"<thead><tr>{heads}</tr></thead>\n" if head else ""
    return f'<div class="wide {kind}" tabindex="0"><table>{caption}{head_row}<tbody>\n{lines}</tbody></table></div>\n'


def tree(values):
    """A table of names and values, of dicts in dicts too: `versions.numpy`."""
    return table([], [[f"<code>{text(name)}</code>", setting(value)] for name, value in _flat(values)], kind="settings")


def picture(picture, alt, more=""):
    """A picture as an element that loads nothing.

    Args:
      picture: `run_files.Picture`.
      alt: text, what it shows.
      more: HTML, further attributes.
    """
    factor = max(1, _LEAST_WIDTH // max(1, picture.width))
    size = f'width="{picture.width * factor}" height="{picture.height * factor}"'
    crisp = ' class="crisp"' if factor > 1 else ""
    data = base64.b64encode(picture.data).decode()
    return f'<img alt="{text(alt)}"{crisp} {size} {more} src="data:image/png;base64,{data}">'


def chart(place, chart):
    """The place of a chart, with its key; a script draws it.

    Args:
      place: int, of the chart in the page's data.
      chart: as `charts` makes it.
    """
    title, told = text(chart["title"]), _explained(chart) if chart["meaning"] else ""
    keys = "".join(
        f'<li><label><input type="checkbox" checked data-series="{k}"> {_line(one["look"])}'
        f"<span><b>{text(one['label'])}</b>{'' if told else _explained(one)}</span></label></li>"
        for k, one in enumerate(chart["series"])
    )
    return (
        f'<figure class="chart" data-chart="{place}"><figcaption><h3>{title}{told}</h3>'
        '<label class="log" hidden><input type="checkbox"> logarithmic</label></figcaption>\n'
        f'<div class="plot" tabindex="0" role="group" aria-label="Chart: {title}. Left and right arrow keys go from '
        'point to point, Home and End to the ends."></div>\n'
        f'<p class="reading" aria-live="polite"></p><ul class="key{" row" if told else ""}">{keys}</ul></figure>\n'
    )


def _line(look):
    """A piece of a curve, in its colour and dashes."""
    color = f"var(--line-{look % len(style.CYCLE)})"
    return (
        f'<svg class="line" data-dash="{look % 4}" viewBox="0 0 28 8" width="28" height="8" aria-hidden="true">'
        f'<line x1="1" y1="4" x2="27" y2="4" style="stroke:{color}"/></svg>'
    )


def _explained(told):
    """The meaning and the unit of a chart or a curve."""
    unit = f"({told['unit']})" if told["unit"] else ""
    said = " ".join(filter(None, [told["meaning"], unit]))
    return f" <small>{text(said)}</small>" if said else ""


def _flat(values, before=""):
    """(dotted name, value) of a tree; lists of plain values are one."""
    for name, value in values.items():
        if isinstance(value, list):
            if any(isinstance(item, (dict, list)) for item in value):
                value = {str(place): item for place, item in enumerate(value, start=1)}
            else:
                value = ", ".join(map(str, value)) or "none"
        if isinstance(value, dict):
            yield from _flat(value, f"{before}{name}.")
        else:
            yield f"{before}{name}", value


def _swatches():
    """The colours of curves, for the keys of charts."""
    light, dark = (" ".join(f"--line-{n}: {c};" for n, c in enumerate(_COLORS[name])) for name in ("light", "dark"))
    return (
        f":root {{ {light} }}\n@media (prefers-color-scheme: dark) {{ :root {{ {dark} }} }}\n"
        f":root[data-theme=light] {{ {light} }}\n:root[data-theme=dark] {{ {dark} }}\n"
        f"@media print {{ :root:root {{ {light} }} }}\n"
    )


def _json(tree):
    """JSON that ends no script element."""
    return json.dumps(tree, allow_nan=False, separators=(",", ":")).replace("<", "\\u003c")


def _own(name):
    return importlib.resources.files(__package__).joinpath(name).read_text(encoding="utf-8")


@functools.cache
def _plotly():
    """Plotly's JavaScript, packed: 4.8 MB become 2.0."""
    from plotly.offline import get_plotlyjs

    return base64.b64encode(gzip.compress(get_plotlyjs().encode(), 9, mtime=0)).decode()

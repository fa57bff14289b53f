"""One page with figures and their checks: self-contained HTML that loads nothing."""

import base64
import html
import pathlib

from wgangp_tf import files
from wgangp_tf.figures import number_files

_TITLE = "<title>wgangp_tf: the figures</title>"
_STYLE = """
:root { color-scheme: light dark; }
body { font: 16px/1.5 system-ui, sans-serif; max-width: 70rem; margin: 2rem auto; padding: 0 1rem; }
figure { margin: 1rem 0 3rem; }
img { max-width: 100%; height: auto; background: white; }
table { border-collapse: collapse; margin: 1rem 0; }
th, td { text-align: left; padding: 0.2rem 1rem 0.2rem 0; border-bottom: 1px solid #8884; }
.no { font-weight: bold; }
"""


def write(path, directories):
    """Writes the page.

    Args:
      path: of the HTML file.
      directories: {figure: directory with its numbers.json and picture}.
    """
    parts = []
    for name, directory in directories.items():
        with number_files.used(directory):
            parts.append(_figure(name, pathlib.Path(directory)))
    links = " · ".join(f'<a href="#{name}">{name.replace("_", " ")}</a>' for name in directories)
    text = (
        '<!doctype html>\n<html lang="en">\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width">\n'
        f"{_TITLE}\n"
        f"<style>{_STYLE}</style>\n<h1>The figures</h1>\n<p>{links}</p>\n{''.join(parts)}</html>\n"
    )
    files.replace(path, text)


def ours(path):
    """Whether a file is a page that `write` wrote."""
    if not path.is_file():
        return False
    with open(path, "rb") as file:
        return _TITLE.encode() in file.read(300)


def _figure(name, directory):
    values = number_files.read_values(directory, name)
    caption = html.escape(values["caption"])
    pictures = "".join(_embedded(path, caption) for path in (directory / f"{name}.png", directory / f"{name}.gif"))
    rows = "".join(_row(check) for check in values["checks"])
    table = f"<table><tr><th>claim</th><th>measured</th><th>bound</th><th>holds</th></tr>{rows}</table>" if rows else ""
    size = "small" if values["small"] else "full size"
    lines = "<br>\n".join(html.escape(line) for line in values.get("lines", ()))
    return (
        f'<h2 id="{name}">{html.escape(name.replace("_", " "))} ({size})</h2>\n'
        f"<figure>{pictures}</figure>\n<p>{lines}</p>\n{table}\n"
    )


def _embedded(path, caption):
    """A picture as an element that loads nothing; "" where there is none."""
    if not path.exists():
        return ""
    data = base64.b64encode(path.read_bytes()).decode()
    return f'<img alt="{caption}" src="data:image/{path.suffix[1:]};base64,{data}">'


def _row(check):
    cells = (html.escape(check["name"]), number_files.said(check["value"]), html.escape(check["bound"]))
    holds = "yes" if check["holds"] else '<span class="no">no</span>'
    return "<tr>" + "".join(f"<td>{cell}</td>" for cell in (*cells, holds)) + "</tr>\n"

"""Run directories as a training leaves them, made without one; and what is in a page."""

import html.parser
import json

import numpy as np

from wgangp_tf import config as configs
from wgangp_tf.samples import drawing

_EMPTY = ("meta", "img", "input", "br")  # elements that nothing ends
RANDOM = np.random.default_rng(0)


def lines(steps=(2, 4, 6)):
    """Log lines whose numbers need all their digits."""
    return [
        {
            "step": step,
            "images": 64 * step,
            "seconds": round(float(RANDOM.random()), 3),
            "critic_loss": float(RANDOM.normal()),
            "gradient_norm": float(RANDOM.random()),
            "gradient_norm_min": 1e-3 * float(RANDOM.random()),
            "validation_critic_loss": float(RANDOM.normal()),
            "learning_rate": 1e-4,
        }
        for step in steps
    ]


def evaluation(step, values, **more):
    """A line of evaluations.jsonl."""
    return {
        "format": 1,
        "by": "evaluate" if step is None else "training",
        "of": "a run",
        "against": "1,500 training samples of digits",
        "step": step,
        "real_samples": 1500,
        "samples": 3000,
        "seed": 0,
        "repeats": 1,
        "features": dict.fromkeys(values, "digits"),
        **values,
        "std": {},
        "versions": {},
        "seconds": 0.5,
        **more,
    }


def make(path, *, logged=None, evaluations=(), steps=6, pictures=(0, 6), environment=None, **values):
    """Writes a run directory.

    Args:
      path: pathlib.Path of the directory, new.
      logged: log lines; None for no file.
      evaluations: lines of evaluations.jsonl.
      steps: of the config.
      pictures: steps of the pictures of samples; one of real ones where there are any.
      environment: dict; None for no file.
      values: further fields of the config.

    Returns:
      path.
    """
    (path / "samples").mkdir(parents=True)
    (path / "config.json").write_text(configs.from_values({"steps": steps} | values).to_json())
    if logged is not None:
        (path / "metrics.jsonl").write_text("".join(json.dumps(line) + "\n" for line in logged))
    if evaluations:
        (path / "evaluations.jsonl").write_text("".join(json.dumps(line) + "\n" for line in evaluations))
    if environment is not None:
        (path / "environment.json").write_text(json.dumps(environment))
    for name in [*(f"step-{step:08d}" for step in pictures), *(["real"] if pictures else [])]:
        drawing.write(path / "samples" / f"{name}.png", RANDOM.integers(0, 256, [4, 6, 3]).astype(np.uint8))
    return path


class Page(html.parser.HTMLParser):
    """A page, parsed.

    Attributes:
      elements: [(name, {attribute: value})] of all of them.
      texts: {id: text} of the elements that have an id.
      styles, scripts: texts of these elements.
      numbers: the exact numbers that are shown, in order.
      words: all text that is shown, in one piece.
      cells: {text of the first cell of a row: [text of each other]}.
      data: what the charts are drawn from.
    """

    def __init__(self, path):
        super().__init__()
        self.elements, self.texts, self.styles, self.scripts, self.numbers, self.rows = [], {}, [], [], [], []
        self._open, self._shown = [], []
        self.source = path.read_text()
        self.feed(self.source)
        self.words = " ".join(" ".join(self._shown).split())
        self.data = json.loads(self.texts["report-data"])
        self.cells = {first: others for first, *others in self.rows if first}

    def handle_starttag(self, tag, attributes):
        attributes = dict(attributes)
        self.elements.append((tag, attributes))
        if tag not in _EMPTY:
            self._open.append((tag, attributes.get("id")))
        if tag == "data":
            self.numbers.append(json.loads(attributes["value"]))
        if tag == "tr":
            self.rows.append([])
        if tag in ("th", "td"):
            self.rows[-1].append("")

    def handle_startendtag(self, tag, attributes):
        self.elements.append((tag, dict(attributes)))

    def handle_endtag(self, tag):
        assert self._open.pop()[0] == tag

    def handle_data(self, data):
        tag, name = self._open[-1] if self._open else (None, None)
        if name:
            self.texts[name] = self.texts.get(name, "") + data
        {"style": self.styles, "script": self.scripts}.get(tag, self._shown).append(data)
        if {"th", "td"} & {tag for tag, _ in self._open}:
            self.rows[-1][-1] += data

    def all(self, tag):
        """The attributes of each element of a name."""
        return [attributes for name, attributes in self.elements if name == tag]

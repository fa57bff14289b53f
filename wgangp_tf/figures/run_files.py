"""What a run directory says of its run, by its files; it may be finished, stopped, or still be written."""

import dataclasses
import json
import math
import pathlib
import re
import struct

from wgangp_tf import config as configs
from wgangp_tf.errors import UserError
from wgangp_tf.training import evaluation, metrics_log
from wgangp_tf.training.run_directory import RunDirectory

_PNG = b"\x89PNG\r\n\x1a\n"
_HEAD = 24  # bytes of a PNG file up to its height


@dataclasses.dataclass(frozen=True)
class Picture:
    """A picture of samples.

    Attributes:
      data: bytes of the PNG file.
      width, height: in pixels.
      step: that it was drawn at; None for real samples.
    """

    data: bytes
    width: int
    height: int
    step: int | None


@dataclasses.dataclass(frozen=True)
class Run:
    """A run as its files say.

    Attributes:
      path: pathlib.Path of its directory.
      name: of the directory.
      config: `config.Config`.
      lines: log lines, oldest first, each {name: finite number}, `step` among them.
      evaluations: list of dicts, oldest first: a line of evaluations.jsonl each, with `features`, `values` and `std` as
        {value: …} whatever else the line says.
      environment, data_report, exported: dicts, {} where there is none.
      trained: whether the last checkpoint is that of the last step.
    """

    path: pathlib.Path
    name: str
    config: configs.Config
    lines: list
    evaluations: list
    environment: dict
    data_report: dict
    exported: dict
    trained: bool

    @property
    def step(self):
        """The last step that a log line or a picture is of; 0 where there is neither."""
        pictures = [step for step, _ in _pictures(self.path)]
        return max([line["step"] for line in self.lines[-1:]] + pictures[-1:], default=0)

    def columns(self):
        """{name: [number or None of each log line]}, in the order in which the names appear."""
        names = dict.fromkeys(name for line in self.lines for name in line)
        return {name: [line.get(name) for line in self.lines] for name in names}

    def last(self):
        """{name: (step, number)}: the last number of each name."""
        return {name: (line["step"], number) for line in self.lines for name, number in line.items()}


def read(path, say=None):
    """The `Run` in a directory.

    Args:
      path: of the directory.
      say: callable of one line, told of lines that cannot be read; or None.

    Raises:
      UserError: there is no run, or its files are none that can be read.
    """
    directory = RunDirectory(path)
    if not directory.exists:
        raise UserError(f"expected the directory of a run. Received: {str(path)!r}")
    config = directory.read_config(to_continue=False)
    return Run(
        path=directory.path,
        name=directory.path.resolve().name,
        config=config,
        lines=[_numbers(line) for line in metrics_log.read(directory.metrics_file, say)],
        evaluations=[_shown(line) for line in evaluation.read(directory.evaluations_file, say)],
        environment=directory.environment(),
        data_report=_tree(directory.report_file),
        exported=directory.exported(),
        trained=directory.trained(config),
    )


def pictures(run, most, most_bytes):
    """Pictures of generated samples, evenly thinned out where they are many; the first and the last stay.

    Args:
      run: `Run`.
      most: int, how many at most.
      most_bytes: int, about how many bytes at most, all of them together; one stays in any case.

    Returns:
      (list of `Picture` by step, how many there were before).
    """
    found = _pictures(run.path)
    sizes = [path.stat().st_size for _, path in found if path.exists()]
    fitting = most_bytes // max(1, sum(sizes) // max(1, len(sizes)))
    kept = [found[place] for place in evenly(len(found), max(1, min(most, fitting)))]
    return [picture for picture in (_picture(path, step) for step, path in kept) if picture], len(found)


def real_picture(run):
    """The `Picture` of real samples, or None."""
    return _picture(run.path / "samples" / "real.png", None)


def evenly(count, most):
    """At most `most` of `count` places, evenly apart, the first and the last among them; the last alone for one."""
    if count <= most:
        return list(range(count))
    if most == 1:
        return [count - 1]
    return [round(k * (count - 1) / (most - 1)) for k in range(most)]


def _pictures(path):
    """[(step, path)] of the pictures of a run, by step."""
    found = [(re.fullmatch(r"step-(\d+)\.png", file.name), file) for file in (path / "samples").glob("step-*.png")]
    return sorted((int(match[1]), file) for match, file in found if match)


def _picture(path, step):
    """A picture file; None where there is none, which a run that is continued may have removed meanwhile."""
    try:
        data = path.read_bytes()
    except OSError:
        return None
    if not data.startswith(_PNG) or len(data) < _HEAD:
        return None
    return Picture(data, *struct.unpack(">II", data[16:_HEAD]), step)


def _numbers(tree):
    """What is a finite number in a dict."""
    return {name: value for name, value in tree.items() if _is_number(value)}


def _is_number(value):
    return type(value) in (int, float) and math.isfinite(value)


def _shown(line):
    """An evaluation with its finite values apart."""
    read_as = {name: line.get(name) if isinstance(line.get(name), dict) else {} for name in ("std", "versions")}
    return line | read_as | {"values": _numbers(evaluation.values(line))}


def _tree(path):
    """The JSON object in a file, {} where there is none."""
    try:
        tree = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError):
        return {}
    return tree if isinstance(tree, dict) else {}

"""Who is measured: our step, and others of the same arithmetic beside it."""

import dataclasses
import importlib.util
import pathlib

from wgangp_tf.errors import unknown_name
from wgangp_tf.speed import process, works


@dataclasses.dataclass(frozen=True)
class Row:
    """Somebody who writes training steps.

    Attributes:
      label: for people.
      module, kind: the class of a step; see `worker`. Those of benchmarks/ are part of a checkout alone.
      package: that it needs and that this program does not.
      options: what its task has beside what `works.elsewhere` says.
      precisions: that it knows.
    """

    label: str
    module: str
    kind: str
    package: str | None = None
    options: dict = dataclasses.field(default_factory=dict)
    precisions: tuple[str, ...] = ("float32", "mixed_bfloat16", "mixed_float16")

    @property
    def file(self):
        return process.ROOT / pathlib.Path(*self.module.split(".")).with_suffix(".py")

    def missing(self):
        """Why it cannot be measured here, in words, or ""."""
        if not self.file.is_file():
            return f"{self.file.relative_to(process.ROOT)} is part of a checkout, and this is none"
        if self.package is not None and importlib.util.find_spec(self.package) is None:
            return f"{self.package} is not installed"
        return ""


OURS = "ours"
CONTESTANTS = {
    OURS: Row("this program", "wgangp_tf.speed.ours", "Step"),
    "keras": Row("Keras, as a textbook has it", "benchmarks.keras_step", "Step"),
    "keras_xla": Row("the same under XLA", "benchmarks.keras_step", "Step", options={"xla": True}),
    "torch_zoo": Row(
        "PyTorch, as the zoo has it", "benchmarks.torch_steps", "Zoo", package="torch", precisions=("float32",)
    ),
    "torch_expert": Row("PyTorch, as an expert has it", "benchmarks.torch_steps", "Expert", package="torch"),
}
DEFAULT = ("keras", "torch_zoo", "torch_expert")


@dataclasses.dataclass(frozen=True)
class Contestant:
    """A row at a work and a precision.

    Attributes:
      name: key of `CONTESTANTS`.
      work: `works.Work`, whose config has the precision.
      task: what the process is told, or None.
      reason: why it is not measured, in words, or "".
      replicas: logical devices that our step is cut over.
    """

    name: str
    work: works.Work
    task: dict | None
    reason: str = ""
    replicas: int = 1

    @property
    def row(self):
        return CONTESTANTS[self.name]

    @property
    def precision(self):
        return self.work.config.optimization.precision

    def start(self):
        """Its `process.Measured`."""
        return process.Measured(self.row.module, self.row.kind, self.task)


def names(asked):
    """The contestants beside ours, from what a user named: text with commas between; none for "none".

    Raises:
      UserError: a name is in no table.
    """
    if asked is None:
        return DEFAULT
    found = tuple(filter(None, (name.strip() for name in asked.split(","))))
    for name in found:
        if name not in CONTESTANTS and name != "none":
            raise unknown_name("contestant", name, [*CONTESTANTS, "none"])
    return tuple(name for name in found if name not in ("none", OURS))


def ours(work, replicas=1):
    """Our `Contestant` at a work."""
    task = {"name": work.name, "changed": work.changed, "replicas": replicas}
    return Contestant(OURS, work, task, replicas=replicas)


def beside(name, work, gpu):
    """The `Contestant` of a name at a work, with or without a GPU."""
    row = CONTESTANTS[name]
    reason = row.missing()
    precision = work.config.optimization.precision
    if not reason and precision not in row.precisions:
        reason = f"it computes in {' or '.join(row.precisions)}"
    task, unwritten = works.elsewhere(work.config)
    reason = reason or unwritten
    if reason:
        return Contestant(name, work, None, reason)
    return Contestant(name, work, task | {"xla": gpu} | row.options)

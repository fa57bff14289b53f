"""What the numbers of a run say of its health, in plain words.

Verdicts are a function of the lines of metrics.jsonl and of the config alone. A run that was continued, and a page made
of a finished one, come to those that the run itself said.
"""

import dataclasses

from wgangp_tf.training.failures import FAILURES, Past

IN_A_ROW = 3  # log lines that must show a failure before it is said, and be free of it before it is over
_EARLY = 50  # steps in which anything may happen: the critic knows nothing yet


@dataclasses.dataclass(frozen=True)
class Verdict:
    """A failure that a run shows.

    Attributes:
      name: see `Failure`.
      quantity: see `Failure`.
      value: what is held against `limit`, at the line at which the failure was found.
      limit: see `Failure`.
      step: of that line.
      text: one line: the failure, its number and what to try.
      flags: the flags to try.
      by_clock: see `Failure`.
    """

    name: str
    quantity: str
    value: float
    limit: float
    step: int
    text: str
    flags: tuple[str, ...]
    by_clock: bool


class Course:
    """Reads a run line by line."""

    def __init__(self, config):
        """
        Args:
          config: `config.Config`.
        """
        self._config, self._past = config, Past()
        self._bad, self._good = dict.fromkeys(FAILURES, 0), dict.fromkeys(FAILURES, 0)
        self._lines = 0
        self.present, self.over = {}, []

    def take(self, line):
        """The next line of metrics.jsonl.

        Returns:
          (verdicts that hold from here on, verdicts that are over).
        """
        began, ended = [], []
        self._lines += 1
        if line["step"] >= _EARLY:
            self._past.meet(line)
            for failure in FAILURES.values():
                self._look(failure, line, began, ended)
        return began, ended

    def _look(self, failure, line, began, ended):
        name = failure.name
        try:
            value = failure.value(line, self._past, self._config)
        except KeyError:  # a line without the number, of a damaged file, says nothing
            return
        if value is None or any(cause in self.present for cause in failure.explained_by):
            return
        shown = failure.shown_by(value)
        self._bad[name] = self._bad[name] + 1 if shown else 0
        self._good[name] = 0 if shown else self._good[name] + 1
        if name not in self.present and self._bad[name] >= IN_A_ROW:
            self.present[name] = _verdict(failure, line, value)
            began.append(self.present[name])
        elif name in self.present and self._good[name] >= IN_A_ROW:
            verdict = self.present.pop(name)
            self.over.append((verdict, line["step"]))
            ended.append(verdict)

    def summary(self):
        """Lines that say how healthy the run was, at least one."""
        if self.too_early:
            return [f"health: {self.too_early}"]
        if not self.present and not self.over:
            return ["health: nothing wrong was seen"]
        return [f"health: {sentence}" for sentence in self.sentences()]

    @property
    def too_early(self):
        """A sentence where nothing could be found yet, else None."""
        if self._lines >= IN_A_ROW:
            return None
        return f"too early to say, after {self._lines} of the {IN_A_ROW} log lines that it takes"

    def sentences(self):
        """What was found, oldest first, and since when or until when; [] where nothing was."""
        past = [f"from step {verdict.step} to {step} {verdict.name}; that is over" for verdict, step in self.over]
        return [*past, *(f"since step {verdict.step}: {verdict.text}" for verdict in self.present.values())]


def course_of(lines, config):
    """The `Course` of a run up to its last line.

    Args:
      lines: list of the events of metrics.jsonl, oldest first.
      config: `config.Config` of the run.
    """
    course = Course(config)
    for line in lines:
        course.take(line)
    return course


def _verdict(failure, line, value):
    shows = failure.shows.format(**line, value=value)
    return Verdict(
        name=failure.name,
        quantity=failure.quantity,
        value=value,
        limit=failure.limit,
        step=line["step"],
        text=f"{failure.name}: {shows}. {failure.advice}",
        flags=failure.flags,
        by_clock=failure.by_clock,
    )

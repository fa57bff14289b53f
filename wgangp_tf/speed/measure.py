"""All that `benchmark` measures, in order, into one tree of numbers that is whole after each turn."""

import datetime
import statistics
import time

from wgangp_tf import quantities
from wgangp_tf.errors import UserError
from wgangp_tf.speed import contestants, machine, turns, works
from wgangp_tf.speed.process import Failed, Measured

FORMAT = 1  # of benchmark.json
PROGRAM = "wgangp_tf benchmark"  # whose file it is
DTYPES = {"float32": "float32", "mixed_bfloat16": "bfloat16", "mixed_float16": "float16"}
START = "wgangp_tf.speed.startup", "Start"  # the class whose first step is waited for; see `worker`
# what a curve varies: {flag: values}
CURVES = {
    "batch_size": (8, 16, 32, 64),
    "image_size": ((16, 16), (32, 32), (64, 64)),
    "n_critic": (1, 2, 5),
    "replicas": (1, 2),
}


class Session:
    """One run of the benchmark.

    Attributes:
      numbers: the tree, as `benchmark.json` holds it.
    """

    def __init__(self, *, selected, precisions, beside, turns_each, deadline, versions, say):
        """
        Args:
          selected: list of `works.Work`.
          precisions: names; None for float32 and the half precision that this machine has instructions for.
          beside: names of `contestants.CONTESTANTS`.
          turns_each: int.
          deadline: of `time.monotonic`, or None.
          versions: {package: version}.
          say: callable of one line.
        """
        self._selected, self._beside, self._turns = selected, beside, turns_each
        self._precisions = precisions
        self._deadline, self._say = deadline, say
        self._began = time.monotonic()
        self.numbers = {
            "format": FORMAT,
            "program": PROGRAM,
            "date": datetime.datetime.now(datetime.UTC).date().isoformat(),
            "complete": False,
            "turns": turns_each,
            "machine": {},
            "versions": versions,
            "limits": {},
            "works": {work.name: work.in_words() for work in selected},
            "lines": [],
            "start_up": {},
            "curves": {},
        }

    def run(self, curves=None, save=lambda numbers: None):
        """Measures everything.

        Args:
          curves: `works.Work` whose step is measured by batch and the like, or None.
          save: called with the numbers after each group.

        Raises:
          Late: the deadline has come; the numbers hold what was measured.
        """
        limits, said = turns.limits(["float32"] if self._precisions is None else _dtypes(self._precisions))
        try:
            self.numbers["machine"] = machine.describe(**said)
            self.numbers["in_words"] = machine.in_words(self.numbers["machine"])
            self._say(self.numbers["in_words"])
            if self._precisions is None:
                self._precisions = _by_itself(self.numbers["machine"])
                if self._precisions != ["float32"]:
                    limits.end()
                    limits, _ = turns.limits(_dtypes(self._precisions))
            self._all(limits, curves, save)
        finally:
            limits.end(at_once=True)
        self.numbers["complete"] = True
        save(self.numbers)

    def _all(self, limits, curves, save):
        self._start_up()
        save(self.numbers)
        groups = [(work, precision) for work in self._selected for precision in self._precisions]
        axes = {} if curves is None else self._axes(curves)
        for place, (work, precision) in enumerate(groups):
            self._step(work, precision, limits, place, len(groups) + len(axes))
            save(self.numbers)
        for place, (axis, of) in enumerate(axes.items(), len(groups)):
            self._curve(axis, of, place, len(groups) + len(axes))
            save(self.numbers)

    def _start_up(self):
        """The time from the start of Python to the first step of the first work whose data is at hand: the digits."""
        work = works.find(works.DEFAULT[0])
        self._say(f"start-up of {work.name}")
        process = Measured(*START, {"name": work.name, "changed": {}, "replicas": 1})
        try:
            said = process.answer(self._deadline)
            self.numbers["start_up"] = {"work": work.name, "seconds": said["start"]}
        except Failed as error:
            self.numbers["start_up"] = {"work": work.name, "reason": str(error)}
        finally:
            process.end(at_once=True)

    def _step(self, work, precision, limits, place, count):
        work = works.find(work.name, **{**work.changed, "precision": precision})
        gpu = bool(self.numbers["machine"]["devices"])
        of = [contestants.ours(work), *(contestants.beside(name, work, gpu) for name in self._beside)]
        group = turns.Group(of, limits, self._deadline)
        lines = self.numbers["lines"]
        lines += group.lines

        def done(share):
            self._progress(f"{work.name}, {precision}", place + share, count)

        try:
            group.run(self._turns, done, self._ready)
        finally:
            _fill_in(group.lines, group.rates, precision)
            for name, rates in group.rates.items():
                self.numbers["limits"].setdefault(name, []).extend(rates)

    def _axes(self, work):
        """{axis: our contestants along it}, of the axes that a work has."""
        found = {}
        for axis in CURVES:
            try:
                found[axis] = list(_along(axis, work))
            except UserError as error:
                self._say(f"{work.name} by {axis}: left out, {error}")
        return found

    def _curve(self, axis, of, place, count):
        group = turns.Group(of, None, self._deadline)
        name = of[0].work.name
        self.numbers["curves"][axis] = {"work": name, "lines": group.lines}
        group.run(self._turns, lambda share: self._progress(f"{name} by {axis}", place + share, count), self._ready)

    def _ready(self, line):
        took = f"ready after {sum(line['start'].values()):.0f} s" if "start" in line else line["reason"]
        self._say(f"{line['work']}, {line['precision']}: {line['label']}: {took}")

    def _progress(self, what, done, count):
        spent = time.monotonic() - self._began
        left = quantities.duration(spent * (count - done) / done)
        self._say(f"{what}: {100 * done / count:.0f} % of all, about {left} left")


def _along(axis, work):
    """Our contestants along an axis of the curves."""
    for value in CURVES[axis]:
        if axis == "replicas":
            yield contestants.ours(work, replicas=value)
        else:
            yield contestants.ours(works.find(work.name, **{**work.changed, axis: value}))


def _fill_in(lines, rates, precision):
    """What follows from the seconds of a group: operations a second, the share of the limit, the ratio to ours."""
    ours = lines[0]
    operations = ours.get("operations")
    limit = rates.get(f"products_{DTYPES[precision]}")
    for line in lines:
        if "seconds" not in line or operations is None:
            continue
        line["operations"] = operations
        line["operations_per_second"] = operations / line["seconds"]
        if limit:
            line["share_of_limit"] = line["operations_per_second"] / statistics.median(limit)
        if "seconds" in ours:
            ratios = [other / own for own, other in zip(ours["turns"], line["turns"], strict=False)]
            line["against_ours"] = statistics.median(ratios)


def _dtypes(precisions):
    return list(dict.fromkeys(["float32", *(DTYPES[precision] for precision in precisions)]))


def _by_itself(described):
    """The precisions that are measured where none is named."""
    if described["devices"]:
        return ["float32", "mixed_bfloat16", "mixed_float16"]
    return ["float32", "mixed_bfloat16"] if described["half_precision"] else ["float32"]

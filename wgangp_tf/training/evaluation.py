"""How good a generator's samples are: measured by every metric that fits, and kept in evaluations.jsonl.

A line of that file is one evaluation. Those that a training made are cut back with its other logs when it is continued
at an earlier step; those that a user asked for stay.
"""

import dataclasses
import json
import os

import numpy as np

from wgangp_tf import files
from wgangp_tf.data.arrays import Subset
from wgangp_tf.errors import UserError
from wgangp_tf.metrics import registry as metrics

FORMAT = 1
TRAINING, COMMAND = "training", "evaluate"  # what made an evaluation: a training, or the command
REAL_SAMPLES = 10_000  # that the generated ones are compared with, where there are more
_ROWS_SEED = 0


class Evaluation:
    """Measures generated samples against real ones, whose side is prepared once.

    Attributes:
      real_samples: int, how many real ones they are compared with.
      samples: int, generated ones.
      left_out: {metric: why it is not measured, in words}.
      few: {metric: how many generated samples it should have}, of those that have fewer.
      features: {value: name of the features it is measured by, or None for the samples themselves}.
      digests: {name of features: what tells apart two of that name, such as trained classifiers}.
    """

    def __init__(self, split, *, samples, names=None, features=None, options=None):
        """
        Args:
          split: `data.source.Split` of real samples.
          samples: int, generated ones a time.
          names: list of metrics, or None for all that fit.
          features: name of the features, or None for each metric's own.
          options: `metrics.features.Options`, or None for its defaults.

        Raises:
          UserError: a metric that was named needs what there is not, or more samples.
        """
        real = some(split, REAL_SAMPLES)
        self.real_samples, self.samples = len(real), samples
        fitting, self.left_out, made = names, {}, None
        if names is None:
            fitting, self.left_out, made = metrics.fitting(real, features, options)
        self._evaluator = metrics.make(fitting, real, features=features, options=options, extractors=made)
        if names is None:
            self.left_out |= self._evaluator.prepare_what_fits()
        for name, least in self._evaluator.least_fake().items():
            if least > samples and names is not None:
                raise UserError(f"metric {name!r} needs at least {least:,} generated samples. Received: {samples:,}")
            if least > samples:
                self.left_out[name] = f"it needs at least {least:,} generated samples, and there are {samples:,}"
                self._evaluator.leave_out([name])
        self.few = {name: enough for name, enough in self._evaluator.enough_fake().items() if enough > samples}
        self.features = {
            value: used for name, used in self._evaluator.features.items() for value in metrics.find(name).values
        }
        used = filter(None, self._evaluator.extractors.values())
        self.digests = {made.name: made.digest for made in used if getattr(made, "digest", "")}

    def measure(self, blocks, labels=None):
        """{value: float} of generated samples.

        Args:
          blocks: iterable of arrays [n, *sample] in the units of the real ones, `samples` of them together.
          labels: int32 [samples], of the classes that were asked for; None where none was.

        Raises:
          UserError: they are too few, of another shape, or not finite.
        """
        seen = 0
        for block in blocks:
            self._evaluator.update(block, None if labels is None else labels[seen : seen + len(block)])
            seen += len(block)
        return self._evaluator.result()

    def repeated(self, generate, seed, repeats, labels=None):
        """Mean and standard deviation over samples of several seeds.

        Args:
          generate: callable (count, seed) -> iterable of blocks as `measure` takes them.
          seed: int, the first one; those of the repeats follow it.
          repeats: int.
          labels: callable (count, seed) -> int32 [count], what `generate` is asked for, or None.

        Returns:
          ({value: mean}, {value: standard deviation, divided by repeats − 1}), the second empty for one repeat.
        """
        seeds = range(seed, seed + repeats)
        asked = [None if labels is None else labels(self.samples, k) for k in seeds]
        found = [self.measure(generate(self.samples, k), each) for k, each in zip(seeds, asked, strict=True)]
        columns = {name: np.array([values[name] for values in found]) for name in found[0]}
        means = {name: float(column.mean()) for name, column in columns.items()}
        if repeats == 1:
            return means, {}
        return means, {name: float(column.std(ddof=1)) for name, column in columns.items()}


def real_of(source, conditional=False):
    """The real samples of a data set that a generator learned from: a `data.source.Split` that knows of the others.

    Args:
      source: `data.source.Source`.
      conditional: whether the generator takes classes.
    """
    split = dataclasses.replace(source.train, conditional=conditional)
    if not len(source.validation):
        return split
    return dataclasses.replace(split, held_out=source.validation.samples, held_out_labels=source.validation.labels)


def some(split, count):
    """A split, or where it has more samples, `count` of them, always the same."""
    if len(split) <= count:
        return split
    rows = some_rows(len(split), count)
    labels = None if split.labels is None else split.labels[rows]
    identity = split.identity and f"{split.identity}-{count}"
    samples = Subset(split.samples, rows)
    # whether a sample is a copy is asked of all that a generator has seen, or not at all
    return dataclasses.replace(
        split, samples=samples, labels=labels, identity=identity, held_out=None, held_out_labels=None
    )


def some_rows(total, count):
    """`count` of `total` rows, always the same, ascending: int64 [count]."""
    return np.sort(np.random.default_rng(_ROWS_SEED).permutation(total)[:count])


def line(evaluation, means, deviations, *, by, of, step, against, seed, repeats, versions, seconds):
    """An evaluation as it is kept.

    Args:
      evaluation: `Evaluation`.
      means, deviations: see `Evaluation.repeated`.
      by: `TRAINING` or `COMMAND`.
      of: str, whose samples: a run, a SavedModel or a folder.
      step: int, of the checkpoint, or None.
      against: str, which real samples.
      seed: int, or None for samples that were there.
      repeats: int.
      versions: {package: version}.
      seconds: float, that it took.

    Returns:
      dict for JSON: the values by their names, beside what they are of; `features` has a key for each of them.
    """
    return {
        "format": FORMAT,
        "by": by,
        "of": of,
        "step": step,
        "against": against,
        "real_samples": evaluation.real_samples,
        "samples": evaluation.samples,
        "seed": seed,
        "repeats": repeats,
        **means,
        "std": deviations,
        "features": evaluation.features,
        "feature_digests": evaluation.digests,
        "versions": versions,
        "seconds": round(seconds, 3),
    }


def in_words(source):
    """The real samples of a data set that an `Evaluation` compares with, for `line`."""
    total = len(source.train)
    some_of = f"{REAL_SAMPLES:,} of " if total > REAL_SAMPLES else ""
    return f"{some_of}{total:,} training samples of {source.name}"


def told(kept):
    """A line for the terminal: those values of a kept evaluation of which one end is good, and what it took."""
    shown = (f"{name} {value:.4g}" for name, value in values(kept).items() if name in metrics.BETTER)
    return f"evaluation: {', '.join(shown)} ({kept['seconds']:.0f} s)"


def values(kept):
    """{value: finite number} of a kept evaluation."""
    found = {name: kept.get(name) for name in kept["features"]}
    return {name: value for name, value in found.items() if type(value) in (int, float) and abs(value) < np.inf}


def read(path, say=None):
    """The evaluations of a file, oldest first; lines that are none are left out, and said where `say` is given."""
    return [kept for _, kept in _lines(path, say) if kept is not None]


def _lines(path, say):
    """Yields (text, evaluation or None) of each line of a file, and says which are none where `say` is given."""
    try:
        text = path.read_text(encoding="utf-8", errors="surrogateescape")
    except FileNotFoundError:
        return
    for number, part in enumerate(filter(None, text.split("\n")), start=1):
        kept = _parsed(part)
        if kept is None and say is not None:
            say(f"line {number} of {os.fspath(path)!r} is no evaluation that can be read, and is left out")
        yield part, kept


def _parsed(text):
    """The evaluation in a line, or None: it was half written by a process that was killed, or by another program."""
    try:
        kept = json.loads(text)
    except (ValueError, RecursionError):
        return None
    if not isinstance(kept, dict) or kept.get("format") != FORMAT or not isinstance(kept.get("features"), dict):
        return None
    of_training = kept.get("by") == TRAINING
    if not of_training and kept.get("by") != COMMAND:
        return None
    if type(kept.get("step")) is not int and (of_training or kept.get("step") is not None):
        return None
    return kept


def append(path, kept):
    """Adds an evaluation to a file; a half-written line of a killed process before it stays apart from it."""
    with open(path, "ab+") as file:
        torn = False
        if file.seek(0, os.SEEK_END):
            file.seek(-1, os.SEEK_END)
            torn = file.read(1) != b"\n"
        file.write(b"\n" * torn + json.dumps(kept, allow_nan=False).encode() + b"\n")  # one write: whole or not there
        files.flush(file)


def cut(path, step, say=None):
    """Drops what a training found after `step`; lines that are no evaluation stay, and `say` is told of them."""
    if not path.exists():
        return
    stays = [text for text, kept in _lines(path, say) if kept is None or kept["by"] != TRAINING or kept["step"] <= step]
    files.replace(path, "".join(f"{text}\n" for text in stays).encode("utf-8", "surrogateescape"))


def best(path, judge, steps=None):
    """The best evaluation that a training made, the first of equal ones; None where there is none.

    Args:
      path: of the file.
      judge: name of the value that judges, of which less is better.
      steps: those that count; None for all.
    """
    judged = [found for found in read(path) if found["by"] == TRAINING and judge in values(found)]
    judged = [found for found in judged if steps is None or found["step"] in steps]
    return min(judged, key=lambda found: found[judge], default=None)

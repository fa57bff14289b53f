"""Evaluations of a run while it trains, and its best checkpoint, which is kept."""

import time

from wgangp_tf.metrics import features
from wgangp_tf.metrics import registry as metrics
from wgangp_tf.training import evaluation

SAMPLES = 3000  # generated ones an evaluation


class Judge:
    """Evaluates the model every so many steps: a line of evaluations.jsonl, and the values for that step's log."""

    def __init__(self, *, every, last, source, run, checkpoints):
        """
        Args:
          every: int, steps.
          last: int, the last step of the run.
          source: `data.source.Source`.
          run: begun `run.Run`.
          checkpoints: `checkpoints.Checkpoints`; the best one is kept there.
        """
        self._every, self._last, self._source, self._run = every, last, source, run
        self._value = metrics.judge(source.spec.kind)
        self._path = run.directory.evaluations_file
        self._checkpoints = checkpoints
        best = evaluation.best(self._path, self._value)
        checkpoints.best = best and best["step"]
        self._evaluation = None

    def see(self, model, step, found):
        if step % self._every and step != self._last:
            return {}
        began = time.monotonic()
        if self._evaluation is None:
            options = features.options_of(self._run.storage)
            real = evaluation.real_of(self._source)
            self._evaluation = evaluation.Evaluation(real, samples=SAMPLES, options=options)
        seed = self._run.config.seed
        means, deviations = self._evaluation.repeated(_encoded(model), seed, 1)
        took = time.monotonic() - began
        kept = evaluation.line(
            self._evaluation,
            means,
            deviations,
            by=evaluation.TRAINING,
            of=f"run {self._run.directory.path.name}, step {step:,}",
            step=step,
            against=evaluation.in_words(self._source.name, self._evaluation.real_samples),
            seed=seed,
            repeats=1,
            versions=self._run.directory.environment()["versions"],
            seconds=took,
        )
        evaluation.append(self._path, kept)
        self._checkpoints.best = evaluation.best(self._path, self._value)["step"]
        return means | {"evaluation_seconds": took}


class BestSaves:
    """A checkpoint of a step that was judged the best so far."""

    def __init__(self, saves, checkpoints):
        """
        Args:
          saves: `observers.Saves`.
          checkpoints: `checkpoints.Checkpoints`.
        """
        self._saves, self._checkpoints = saves, checkpoints

    def see(self, model, step, found):
        if step == self._checkpoints.best:
            self._saves.see(model, step, found)


def _encoded(model):
    """Samples in the units of the data, as `evaluation.Evaluation` asks for them."""
    return lambda count, seed: (model.codec.encode(chunk).numpy() for chunk in model.generated_chunks(count, seed))

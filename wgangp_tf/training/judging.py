"""Evaluations of a run while it trains, and its best checkpoint, which is kept."""

import functools
import time

from wgangp_tf.metrics import features
from wgangp_tf.metrics import registry as metrics
from wgangp_tf.training import evaluation
from wgangp_tf.training.observers import generated_blocks, labels_of

SAMPLES = 3000  # generated ones an evaluation


class Judge:
    """Evaluates the model every so many steps: a line of evaluations.jsonl, and the values for that step's log."""

    def __init__(self, *, every, last, source, run, checkpoints, say):
        """
        Args:
          every: int, steps.
          last: int, the last step of the run.
          source: `data.source.Source`.
          run: begun `run.Run`.
          checkpoints: `checkpoints.Checkpoints`; the best one is kept there.
          say: callable of one line.
        """
        self._every, self._last, self._source, self._run = every, last, source, run
        self._say = say
        self._value = metrics.judge(source.spec.kind)
        self._path = run.directory.evaluations_file
        self._checkpoints = checkpoints
        self._keep_best()
        options = features.options_of(run.storage)
        real = evaluation.real_of(source, run.config.model.conditional)
        # now, so that what cannot be measured is met before the training
        self._evaluation = evaluation.Evaluation(real, samples=SAMPLES, options=options)
        without = features.without_inception(real, options)
        if without is not None:
            say(without)

    def _keep_best(self):
        best = evaluation.best(self._path, self._value)
        self._checkpoints.best = best and best["step"]

    def see(self, model, step, found):
        if step % self._every and step != self._last:
            return {}
        began = time.monotonic()
        seed = self._run.config.seed
        blocks, labels = functools.partial(generated_blocks, model), labels_of(model)
        means, deviations = self._evaluation.repeated(blocks, seed, 1, labels)
        took = time.monotonic() - began
        kept = evaluation.line(
            self._evaluation,
            means,
            deviations,
            by=evaluation.TRAINING,
            of=f"run {self._run.directory.path.name}, step {step:,}",
            step=step,
            against=evaluation.in_words(self._source),
            seed=seed,
            repeats=1,
            versions=self._run.directory.environment()["versions"],
            seconds=took,
        )
        evaluation.append(self._path, kept)
        self._say(evaluation.told(kept))
        self._keep_best()
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

"""Share of the time of training that is spent waiting for input.

    python -m benchmarks.input_wait [--repeats=5]

The training step of a config on the batches that training reads, in one graph as `fit` runs it. Its clock is read
before and after the graph asks for the next batch, and nothing else of the step runs meanwhile (in `fit` some does):
what lies between is waiting. Asking takes its time even where one batch is always at hand: the same steps on that are
measured beside it. The first steps, in which the graph is traced and the buffers fill, do not count. The settings take
turns; prints medians and, as its last line, all numbers as JSON:
  digits: the defaults, from memory.
  shapes: --preset=shapes, from its store.
  celeb_a store, celeb_a on the fly: --preset=celeb_a_dcgan on JPEGs of CelebA's shape in a folder, with --cache=disk
    and with --cache=none.
"""

import argparse
import json
import os
import pathlib
import statistics
import tempfile
import time

from benchmarks import jpegs

_UNTIMED = 5  # steps
_STEPS = {"digits": 400, "shapes": 60, "celeb_a store": 6, "celeb_a on the fly": 6}


def settings(place):
    """{name: (config, source)}."""
    from wgangp_tf.data import registry
    from wgangp_tf.settings import Storage
    from wgangp_tf.training import resolve

    asked = ({}, {"preset": "shapes"}, {"preset": "celeb_a_dcgan"})
    digits, shapes, faces = (resolve.resolve(given) for given in asked)
    folder = jpegs.write(place / "pictures", 2000)[0].parent
    storage = Storage(cache_dir=str(place / "cache"))
    return {
        "digits": (digits, registry.load(digits.data, storage)),
        "shapes": (shapes, registry.load(shapes.data, storage)),
        "celeb_a store": (faces, jpegs.source(folder, "disk", place / "cache")),
        "celeb_a on the fly": (faces, jpegs.source(folder, "none", place / "cache")),
    }


class Training:
    """The steps of a config, with the time each waits for its batch."""

    def __init__(self, config, source, steps):
        import tensorflow as tf

        from wgangp_tf.data import pipeline
        from wgangp_tf.training import build

        optimization = config.optimization
        model = build.build(config, source.spec)
        self._batches = iter(
            pipeline.training_batches(
                source.train,
                seed=config.seed,
                batch_size=optimization.batch_size,
                n_critic=optimization.n_critic,
                steps=_UNTIMED + 1 + steps,
            )
        )

        def step(batches):
            asked = tf.timestamp()
            with tf.control_dependencies([asked]):
                batch = next(batches)
            with tf.control_dependencies([batch]):
                got = tf.timestamp()
            with tf.control_dependencies([got]):  # else what needs no batch runs meanwhile and counts as waiting
                return got - asked, model.train_step(batch)["generator_loss"]

        self._step = tf.function(step, autograph=False)
        self._at_hand = iter(tf.data.Dataset.from_tensors(next(self._batches)).repeat().prefetch(2))
        self._run(self._batches, _UNTIMED)

    def run(self, steps):
        """Shares of the time spent waiting, for the batches and for one at hand, and seconds a step."""
        waiting, seconds = self._run(self._batches, steps)
        return waiting, self._run(self._at_hand, steps)[0], seconds

    def _run(self, batches, steps):
        waited, began = 0.0, time.perf_counter()
        for _ in range(steps):
            seconds, loss = self._step(batches)
            waited += float(seconds)
            float(loss)
        took = time.perf_counter() - began
        return waited / took, took / steps


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--repeats", type=int, default=5)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as place:
        trainings = {
            name: Training(*setting, options.repeats * _STEPS[name])
            for name, setting in settings(pathlib.Path(place)).items()
        }
        found = {name: [] for name in trainings}
        for _ in range(options.repeats):
            for name, training in trainings.items():
                found[name].append(training.run(_STEPS[name]))
    for name, of in found.items():
        waiting, at_hand, seconds = (sorted(values) for values in zip(*of, strict=True))
        print(
            f"{name:18} waits {statistics.median(waiting):6.2%} of the time ({waiting[0]:.2%} to {waiting[-1]:.2%}), "
            f"with a batch at hand {statistics.median(at_hand):6.2%} ({at_hand[0]:.2%} to {at_hand[-1]:.2%}); "
            f"{statistics.median(seconds):.3f} s a step"
        )
    print(json.dumps({"cores": os.cpu_count(), "shares_and_seconds": found}))


if __name__ == "__main__":
    main()

"""Quality over the steps of a training, for any method on any embedded data set: how rates and clip values were chosen.

    python -m benchmarks.method_tuning --candidates=candidates.json --out=tuning.jsonl

Each candidate is an object of flags of `train` with a "name" beside them; what it leaves open comes from where a run
takes it. Points are measured by the share of 10,000 samples within 4 sigma of a mode, the modes covered, and the exact
Wasserstein-1 distance of 1,000 samples to 1,000 held-out points (two sets of real points are `floor` apart); pictures
by precision, recall, density and coverage of 2,000 samples against the real ones; the set `shapes` by what a classifier
says of 3,000 (see `shapes_quality.py`). One JSON object a measurement is
appended to --out; "seconds" and "processor_seconds" are training alone, tracing and measurements not counted.
"""

import argparse
import json
import pathlib
import time

import numpy as np

from wgangp_tf import quiet, settings
from wgangp_tf.data import registry as data_sets
from wgangp_tf.metrics import registry as metrics
from wgangp_tf.metrics.wasserstein import distance
from wgangp_tf.samples import drawing
from wgangp_tf.training import resolve

_POINTS, _ASSIGNED, _PICTURES = 10_000, 1000, 2000


class Points:
    """Measures points of the plane."""

    count = _POINTS

    def __init__(self, source):
        self._real = source.validation.samples[:_ASSIGNED]
        self._floor = distance(source.train.samples[:_ASSIGNED], self._real)
        self._modes = metrics.make(["modes", "near_modes"], source.train) if source.train.modes is not None else None

    def __call__(self, points):
        values = {"wasserstein": distance(points[:_ASSIGNED], self._real), "floor": self._floor}
        if self._modes is not None:
            self._modes.update(points)
            values |= self._modes.result()
        return values


class Pictures:
    """Measures pictures."""

    count = _PICTURES

    def __init__(self, source):
        self._neighbours = metrics.make("neighbours", source.train)

    def __call__(self, pictures):
        self._neighbours.update(pictures)
        return self._neighbours.result()


class Shapes:
    """Measures pictures of the set `shapes`."""

    def __init__(self, source):
        from benchmarks import shapes_quality

        del source
        self.count = shapes_quality.COUNT
        classifier = shapes_quality.classifier(shapes_quality.CLASSIFIER)
        self._measure = lambda pictures: shapes_quality.measure(classifier, pictures)

    def __call__(self, pictures):
        return self._measure(pictures)


def measure_of(source):
    """What measures the samples of a data set, as many as its `count`."""
    if source.spec.kind == "points":
        return Points(source)
    return Shapes(source) if source.name == "shapes" else Pictures(source)


def train(config, source, measured_steps, count):
    """Trains a config; yields (step, seconds, processor seconds, so many samples as the user has them, the log)."""
    from wgangp_tf.data import pipeline
    from wgangp_tf.training import build
    from wgangp_tf.training.stretches import Stretches
    from wgangp_tf.training.summary import Summary

    model = build.build(config, source.spec)
    summary = Summary(model)
    optimization = config.optimization
    batches = pipeline.training_batches(
        source.train,
        seed=config.seed,
        batch_size=optimization.batch_size,
        n_critic=optimization.n_critic,
        steps=optimization.steps,
    )
    stretches = Stretches(model, summary, batches)
    done = stretches.run(1)  # traces
    seconds = processor = 0.0
    for target in measured_steps:
        then, used = time.monotonic(), time.process_time()
        while done < target:
            done += stretches.run(target - done)
        seconds, processor = seconds + time.monotonic() - then, processor + time.process_time() - used
        if summary.fault():
            return
        yield done, seconds, processor, model.codec.encode(model.generate(count, seed=1)).numpy(), summary.take()


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--candidates", type=pathlib.Path, required=True, help="JSON: a list of objects")
    parser.add_argument("--out", type=pathlib.Path, required=True, help="JSON lines, appended to")
    parser.add_argument("--pictures", type=pathlib.Path, help="directory for a picture of each training's last samples")
    parser.add_argument("--measurements", type=int, default=5, help="of each run, evenly over its steps")
    arguments = parser.parse_args()
    quiet.import_tensorflow()
    import tensorflow as tf

    for candidate in json.loads(arguments.candidates.read_text()):
        tf.keras.backend.clear_session()
        config = resolve.resolve({key: value for key, value in candidate.items() if key != "name"})
        source = data_sets.load(config.data, settings.Storage())
        measure = measure_of(source)
        last = config.optimization.steps
        steps = [last * (k + 1) // arguments.measurements for k in range(arguments.measurements)]
        for step, seconds, processor, samples, logged in train(config, source, steps, measure.count):
            event = {"name": candidate["name"], "dataset": config.data.dataset, "method": config.model.method}
            event |= {"step": step, "seconds": round(seconds, 1), "processor_seconds": round(processor, 1)}
            event |= {name: round(value, 4) for name, value in measure(samples).items()}
            event |= {"wasserstein_estimate": round(logged["wasserstein_estimate"], 6)}
            with arguments.out.open("a") as file:
                file.write(json.dumps(event) + "\n")
            print(json.dumps(event), flush=True)
        if arguments.pictures is not None:
            arguments.pictures.mkdir(parents=True, exist_ok=True)
            picture = drawing.picture(source.spec, samples[:100], source.train.samples[np.arange(100)])
            drawing.write(arguments.pictures / f"{candidate['name'].replace(' ', '_')}.png", picture)


if __name__ == "__main__":
    main()

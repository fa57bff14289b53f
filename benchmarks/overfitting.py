"""How far the digits' critic learns its training digits by heart, and what narrows that at what cost in quality.

    python -m benchmarks.overfitting --out=overfitting.jsonl
    python -m benchmarks.overfitting --out=overfitting.jsonl --only="dropout 0.2"

One training each with seed 0, looked at after a third, two thirds and all of its steps: the mean score of all training
digits, and of all held-out ones, minus that of 3,000 generated ones; the same of digits as `--augment` shows them to
the critic; the quality of the generated ones; and the distance to the nearest training digits over that of held-out
ones. Dropout, noise and widths of the critic alone are networks of this script, the rest are flags of `train`.
"""

import argparse
import json
import pathlib

import keras
import numpy as np
from keras import layers

from benchmarks import digits_quality, method_tuning
from wgangp_tf import quiet, settings
from wgangp_tf.data import registry as data_sets
from wgangp_tf.gan import augmentation
from wgangp_tf.metrics import registry as metrics
from wgangp_tf.networks import mlp
from wgangp_tf.networks.layers import Parts, relu
from wgangp_tf.samples.spec import of_pictures
from wgangp_tf.training import build, evaluation, resolve

COUNT = 3000


def _network(*, dropout=0.0, noise=0.0, critic_width=None):
    """The digits' networks; the critic drops units, sees noise of a deviation, or has a width of its own."""

    def network(sample_shape, latent_dim, width):
        generator = mlp.generator_of(
            Parts(normalization="batch"), of_pictures(sample_shape), latent_dim, width, depth=3
        )
        parts = Parts()
        samples = keras.Input(sample_shape, name="samples")
        x = layers.Flatten(name="flat")(samples)
        if noise:
            x = layers.GaussianNoise(noise, seed=3, name="noise")(x)
        for number in range(1, 4):
            x = parts.dense(x, critic_width or width, f"dense_{number}", he=True)
            x = relu(parts.normalized(x, f"normalization_{number}"), f"relu_{number}")
            if dropout:
                x = layers.Dropout(dropout, seed=number, name=f"dropout_{number}")(x)
        return generator, keras.Model(samples, parts.scores(x), name="critic")

    return network


dropout_20, dropout_40 = _network(dropout=0.2), _network(dropout=0.4)
noise_30 = _network(noise=0.3)
critic_128, critic_64 = _network(critic_width=128), _network(critic_width=64)


def _own(name):
    return {"network": f"benchmarks.overfitting:{name}", "width": 256}


def _numbers(count):
    """What an augmentation draws, the same for the same count."""
    return np.random.default_rng(0).uniform(size=(count, augmentation.NUMBERS)).astype(np.float32)


CANDIDATES = {
    "the defaults": {},
    "gp_weight 1": {"gp_weight": 1.0},
    "gp_weight 100": {"gp_weight": 100.0},
    "dropout 0.2": _own("dropout_20"),
    "dropout 0.4": _own("dropout_40"),
    "critic of width 128": _own("critic_128"),
    "critic of width 64": _own("critic_64"),
    "noise of 0.3": _own("noise_30"),
    "critic_learning_rate 1e-3": {"critic_learning_rate": 1e-3},
    "critic_learning_rate 5e-4": {"critic_learning_rate": 5e-4},
    "n_critic 1": {"n_critic": 1},
    "layer normalisation": {"critic_normalization": "layer"},
    "1,500 steps": {"steps": 1500},
    **{f"augment {kinds}": {"augment": kinds} for kinds in ("translate", "color")},
    "augment translate, 6,000 steps": {"augment": "translate", "steps": 6000},
}


def looks(values, source, measures):
    """Yields what was measured of one training, as dicts."""
    quality, memorising = measures
    config, made = resolve.resolve(values), []
    original = build.build

    def kept(*given):
        made.append(original(*given))
        return made[-1]

    build.build = kept  # `method_tuning.train` hands over samples, not the critic
    try:
        steps = config.optimization.steps
        for step, _, processor, digits, _ in method_tuning.train(
            config, source, [steps * k // 3 for k in (1, 2, 3)], COUNT
        ):

            def score(samples, shown=()):
                pictures = samples[:].astype(np.float32) / 127.5 - 1
                pictures = augmentation.augment(pictures, _numbers(len(pictures)), shown)
                return float(np.mean(made[-1].critic(pictures, training=False)))

            def estimates(digits, shown):
                fake = score(digits, shown)
                splits = {"training": source.train, "held_out": source.validation}
                return {name: round(score(split.samples, shown) - fake, 3) for name, split in splits.items()}

            found, shown = quality(digits), estimates(digits, config.optimization.augmentations)
            memorising.update(digits)
            yield {
                "step": step,
                "processor_seconds": round(processor, 1),
                **estimates(digits, ()),
                **{f"shown_{name}": value for name, value in shown.items()},
                **{name: round(found[name], 3) for name in ("precision", "recall", "coverage")},
                "nearest_training_ratio": round(memorising.result()["nearest_training_ratio"], 3),
            }
    finally:
        build.build = original


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=pathlib.Path, required=True, help="JSON lines, appended to")
    parser.add_argument("--only", choices=CANDIDATES, help="one of them")
    options = parser.parse_args()
    quiet.import_tensorflow()
    source = data_sets.load(resolve.resolve({}).data, settings.Storage())
    measures = digits_quality.Measure(), metrics.make("memorising", evaluation.real_of(source))
    for name in [options.only] if options.only else CANDIDATES:
        keras.backend.clear_session()
        for found in looks(CANDIDATES[name], source, measures):
            line = json.dumps({"name": name, **found})
            with options.out.open("a") as file:
                file.write(line + "\n")
            print(line, flush=True)


if __name__ == "__main__":
    main()

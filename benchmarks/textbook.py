"""How long the digits' preset and a textbook's WGAN-GP train until their digits are good, side by side.

    python -m benchmarks.textbook --seeds=0,1,2 --out=textbook.jsonl

Good is a precision of 0.85 and a coverage of 0.90: 3,000 digits against all 1,797 real ones, five nearest neighbours.
The textbook's is what a Keras user writes first: dense networks of three layers of 512, Adam 2e-4 with betas 0.5 and
0.9, three critic updates of 64 a step, λ = 10, a fresh batch for each update. Times are of training alone: tracing and
measurements are left out. The two take turns seed by seed, in one process. At the end of each, and where it became
good, the distance of its digits to the nearest training digits, over that of held-out ones, tells of memorising.
"""

import argparse
import json
import pathlib
import statistics
import time

import numpy as np

from benchmarks import digits_quality, method_tuning
from wgangp_tf import quiet, settings
from wgangp_tf.data import registry as data_sets
from wgangp_tf.metrics import registry as metrics
from wgangp_tf.training import evaluation, resolve

COUNT = 3000
_EVERY, _MOST = {"preset": 100, "textbook": 1000}, {"preset": 3000, "textbook": 40_000}  # steps
_LATENT, _WIDTH, _BATCH, _CRITIC_UPDATES, _WEIGHT = 128, 512, 64, 3, 10.0


def textbook(source, seed):
    """Yields (step, seconds of training, processor seconds, digits uint8 [3000, 8, 8, 1])."""
    import keras
    import tensorflow as tf

    keras.utils.set_random_seed(seed)
    hidden = [keras.layers.Dense(_WIDTH, "relu") for _ in range(3)]
    shape = (8, 8, 1)
    generator = keras.Sequential(
        [keras.Input((_LATENT,)), *hidden, keras.layers.Dense(64, "tanh"), keras.layers.Reshape(shape)]
    )
    scored = [layer for _ in range(3) for layer in (keras.layers.Dense(_WIDTH), keras.layers.LeakyReLU(0.2))]
    critic = keras.Sequential([keras.Input(shape), keras.layers.Flatten(), *scored, keras.layers.Dense(1)])
    optimizers = [keras.optimizers.Adam(2e-4, beta_1=0.5, beta_2=0.9) for _ in range(2)]

    def update(network, optimizer, loss):
        with tf.GradientTape() as tape:
            value = loss()
        optimizer.apply(tape.gradient(value, network.trainable_variables), network.trainable_variables)

    def critic_loss(real):
        fake = generator(tf.random.normal([_BATCH, _LATENT]), training=True)
        share = tf.random.uniform([_BATCH, 1, 1, 1])
        between = share * real + (1 - share) * fake
        with tf.GradientTape() as tape:
            tape.watch(between)
            scores = critic(between, training=True)
        slopes = tf.sqrt(tf.reduce_sum(tape.gradient(scores, between) ** 2, axis=[1, 2, 3]) + 1e-12)
        penalty = tf.reduce_mean((slopes - 1.0) ** 2)
        return tf.reduce_mean(critic(fake)) - tf.reduce_mean(critic(real)) + _WEIGHT * penalty

    @tf.function
    def step(batches):
        for _ in range(_CRITIC_UPDATES):
            real = next(batches)
            update(critic, optimizers[1], lambda real=real: critic_loss(real))
        latents = tf.random.normal([_BATCH, _LATENT])
        update(generator, optimizers[0], lambda: -tf.reduce_mean(critic(generator(latents, training=True))))

    digits = source.train.samples[:].astype(np.float32) / 127.5 - 1
    data = tf.data.Dataset.from_tensor_slices(digits).shuffle(len(digits), seed=seed).repeat().batch(_BATCH)
    batches = iter(data.prefetch(tf.data.AUTOTUNE))
    step(batches)  # traces
    seconds = processor = 0.0
    for done in range(_EVERY["textbook"], _MOST["textbook"] + 1, _EVERY["textbook"]):
        then, used = time.monotonic(), time.process_time()
        for _ in range(_EVERY["textbook"]):
            step(batches)
        seconds, processor = seconds + time.monotonic() - then, processor + time.process_time() - used
        latents = np.random.default_rng(1).standard_normal([COUNT, _LATENT], np.float32)
        made = generator.predict(latents, batch_size=COUNT, verbose=0)
        yield done, seconds, processor, np.rint((np.clip(made, -1, 1) + 1) * 127.5).astype(np.uint8)


def preset(source, seed):
    """As `textbook`, by the defaults of the digits."""
    config = resolve.resolve({"seed": seed})
    steps = range(_EVERY["preset"], _MOST["preset"] + 1, _EVERY["preset"])
    for step, seconds, processor, digits, _ in method_tuning.train(config, source, steps, COUNT):
        yield step, seconds, processor, digits


def good(values):
    """Whether digits are good."""
    return all(values[name] >= target for name, target in digits_quality.TARGETS.items())


def to_good(name, train, source, measures, seed):
    """One training until its digits are good, or to its end: dict of what was measured then."""
    quality, memorising = measures
    for look in train(source, seed):
        found = quality(look[-1])
        if good(found):
            break
    step, seconds, processor, digits = look
    memorising.update(digits)
    nearest = memorising.result()["nearest_training_ratio"]
    line = {"name": name, "seed": seed, "good": good(found), "step": step, "seconds": round(seconds, 2)}
    line |= {"processor_seconds": round(processor, 2), "nearest_training_ratio": round(nearest, 4)}
    return line | {value: round(found[value], 4) for value in ("precision", "coverage")}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seeds", default="0,1,2", help="with commas between")
    parser.add_argument("--out", type=pathlib.Path, required=True, help="JSON lines, appended to")
    options = parser.parse_args()
    quiet.import_tensorflow()
    import keras

    config = resolve.resolve({})
    source = data_sets.load(config.data, settings.Storage())
    measures = digits_quality.Measure(), metrics.make("memorising", evaluation.real_of(source))
    lines = []
    for seed in map(int, options.seeds.split(",")):
        for name, train in (("preset", preset), ("textbook", textbook)):
            keras.backend.clear_session()
            lines.append(to_good(name, train, source, measures, seed))
            with options.out.open("a") as file:
                file.write(json.dumps(lines[-1]) + "\n")
            print(json.dumps(lines[-1]), flush=True)
    medians = {
        name: statistics.median(
            line["seconds"] if line["good"] else float("inf") for line in lines if line["name"] == name
        )
        for name in ("preset", "textbook")
    }
    share = medians["preset"] / medians["textbook"]
    print(f"median seconds: {medians}; the preset takes {share:.3f} of the textbook's time (target: at most 0.25)")


if __name__ == "__main__":
    main()

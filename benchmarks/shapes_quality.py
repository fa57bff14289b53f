"""How many generated shapes are shapes: a classifier that has never seen the training set is asked.

    python benchmarks/shapes_quality.py --saved_model=saved_models/0001-shapes-wgan-gp

The classifier is a small convolutional network, trained on pictures that `wgangp_tf.data.shapes` draws of other
numbers than the 4,000 of the data set, and kept in a file. It must have at least 98 % of 5,000 further ones right. Then
it looks at 3,000 pictures of the SavedModel: of at least 80 % it must be more than 90 % sure, and of those each kind of
shape must have within a factor of 1.5 of its real share, a fifth. Exit status 1 where a target is missed.
"""

import argparse
import pathlib
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

import keras  # noqa: E402
import numpy as np  # noqa: E402

from wgangp_tf.data import shapes  # noqa: E402
from wgangp_tf.serving.load import Generator  # noqa: E402

NAMES = list(shapes.SHAPES)
TRAIN, HELD_OUT = range(1_000_000, 1_020_000), range(2_000_000, 2_005_000)
COUNT, SURE = 3000, 0.9
CLASSIFIER = ROOT / "build" / "shapes_classifier.keras"
RIGHT, RECOGNISED, WITHIN = 0.98, 0.8, 1.5  # the targets


def drawn(numbers):
    """The pictures of some numbers, float32 [n, 32, 32, 3] in [0, 1], and their classes."""
    pictures = np.stack([shapes.draw(number) for number in numbers])
    return pictures.astype(np.float32) / 255, np.array(numbers) % len(NAMES)


def classifier(path):
    """The classifier, read from its file, which is made where it is missing."""
    if path.is_file():
        return keras.saving.load_model(path)
    keras.utils.set_random_seed(0)
    layers = []
    for filters in (16, 32, 64):
        layers += [
            keras.layers.Conv2D(filters, 3, padding="same", use_bias=False),
            keras.layers.BatchNormalization(),
            keras.layers.ReLU(),
            keras.layers.MaxPooling2D(),
        ]
    layers += [keras.layers.Flatten(), keras.layers.Dropout(0.3), keras.layers.Dense(len(NAMES), "softmax")]
    model = keras.Sequential([keras.Input((shapes.SIZE, shapes.SIZE, 3)), *layers])
    rate = keras.optimizers.schedules.CosineDecay(2e-3, 8 * len(TRAIN) // 64)
    model.compile(keras.optimizers.Adam(rate), "sparse_categorical_crossentropy", metrics=["accuracy"])
    model.fit(*drawn(TRAIN), batch_size=64, epochs=8, verbose=2)
    path.parent.mkdir(parents=True, exist_ok=True)
    model.save(path)
    return model


def measure(model, pictures):
    """{name: float} of uint8 pictures [n, 32, 32, 3]: the share of sure ones, and of those each kind's share."""
    probabilities = model.predict(pictures.astype(np.float32) / 255, batch_size=256, verbose=0)
    sure = probabilities.max(axis=1) > SURE
    shares = np.bincount(probabilities[sure].argmax(axis=1), minlength=len(NAMES)) / max(sure.sum(), 1)
    return {"recognised": float(sure.mean())} | dict(zip(NAMES, shares.tolist(), strict=True))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--saved_model", required=True)
    parser.add_argument("--classifier", type=pathlib.Path, default=CLASSIFIER)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    model = classifier(options.classifier)
    pictures, classes = drawn(HELD_OUT)
    right = float(np.mean(model.predict(pictures, batch_size=256, verbose=0).argmax(axis=1) == classes))
    real = measure(model, np.rint(pictures * 255).astype(np.uint8))
    print(f"held-out real shapes right: {right:.4f}; sure of {real['recognised']:.3f} of them")
    found = measure(model, Generator(options.saved_model).generate(COUNT, options.seed))
    print(", ".join(f"{name} {value:.3f}" for name, value in found.items()))
    shares = [found[name] * len(NAMES) for name in NAMES]
    reached = right >= RIGHT and found["recognised"] >= RECOGNISED
    reached = reached and max(shares) <= WITHIN and min(shares) >= 1 / WITHIN
    print("targets reached" if reached else "a target is missed")
    return 0 if reached else 1


if __name__ == "__main__":
    sys.exit(main())

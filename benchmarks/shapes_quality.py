"""How many generated shapes are shapes: a classifier that has never seen the training set is asked.

    python benchmarks/shapes_quality.py --saved_model=saved_models/0001-shapes-wgan-gp

The classifier is the one of `wgangp_tf.metrics.shapes`, trained on pictures of other numbers than the 4,000 of the data
set, and kept in a directory. It must have at least 98 % of 5,000 further ones right. Then
it looks at 3,000 pictures of the SavedModel: of at least 80 % it must be more than 90 % sure, and of those each kind of
shape must have within a factor of 1.5 of its real share, a fifth. Exit status 1 where a target is missed.
"""

import argparse
import pathlib
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

import numpy as np  # noqa: E402

from wgangp_tf import quiet  # noqa: E402
from wgangp_tf.metrics.features import Options  # noqa: E402

quiet.import_tensorflow()

from wgangp_tf.data.shapes import SHAPES  # noqa: E402
from wgangp_tf.metrics import shapes  # noqa: E402
from wgangp_tf.serving.load import Generator  # noqa: E402

NAMES = list(SHAPES)
COUNT, SURE = 3000, 0.9
CLASSIFIER = ROOT / "build" / "shapes_classifier"
RIGHT, RECOGNISED, WITHIN = 0.98, 0.8, 1.5  # the targets


def classifier(directory):
    """The `wgangp_tf.metrics.classifier.NetworkClassifier`, trained where the directory does not have it yet."""
    return shapes.make(None, Options(cache=directory))


def measure(model, pictures):
    """{name: float} of uint8 pictures [n, 32, 32, 3]: the share of sure ones, and of those each kind's share."""
    _, probabilities = model(pictures)
    sure = probabilities.max(axis=1) > SURE
    shares = np.bincount(probabilities[sure].argmax(axis=1), minlength=len(NAMES)) / max(sure.sum(), 1)
    return {"recognised": float(sure.mean())} | dict(zip(NAMES, shares.tolist(), strict=True))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--saved_model", required=True)
    parser.add_argument("--classifier", type=pathlib.Path, default=CLASSIFIER, help="directory where it is kept")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    model = classifier(options.classifier)
    real = measure(model, shapes.drawn(shapes.HELD_OUT)[0])
    print(f"held-out real shapes right: {model.accuracy:.4f}; sure of {real['recognised']:.3f} of them")
    found = measure(model, Generator(options.saved_model).generate(COUNT, options.seed))
    print(", ".join(f"{name} {value:.3f}" for name, value in found.items()))
    shares = [found[name] * len(NAMES) for name in NAMES]
    reached = model.accuracy >= RIGHT and found["recognised"] >= RECOGNISED
    reached = reached and max(shares) <= WITHIN and min(shares) >= 1 / WITHIN
    print("targets reached" if reached else "a target is missed")
    return 0 if reached else 1


if __name__ == "__main__":
    sys.exit(main())

"""Quality of generated digits against the 1,797 real ones, and whether it reaches the targets.

    python benchmarks/digits_quality.py --saved_model=saved_models/digits --seeds=1,2,3

3,000 digits of each seed, by the SavedModel alone; pixels in [0, 1], five nearest neighbours, Euclidean. Exit status 1
where a target is missed.
"""

import argparse
import pathlib
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

import numpy as np  # noqa: E402

from wgangp_tf import quiet, settings  # noqa: E402
from wgangp_tf.config import Data  # noqa: E402
from wgangp_tf.data import registry as data_sets  # noqa: E402
from wgangp_tf.data.source import Split  # noqa: E402
from wgangp_tf.errors import UserError  # noqa: E402
from wgangp_tf.metrics import registry as metrics  # noqa: E402
from wgangp_tf.metrics.class_balance import SupportVectorClassifier  # noqa: E402
from wgangp_tf.metrics.features import pixels  # noqa: E402

COUNT = 3000
TARGETS = {"precision": 0.85, "coverage": 0.90}  # at least
WITHIN = 1.5  # factor of an equal share that each class's may be off by


def all_digits():
    """The labelled real digits, training and held-out ones together: a `Split`."""
    source = data_sets.load(Data(dataset="digits", labels="auto"), settings.Storage())
    parts = (source.train, source.validation)
    return Split(np.concatenate([part.samples for part in parts]), np.concatenate([part.labels for part in parts]))


class Measure:
    """Measures generated digits; the real ones are prepared once."""

    def __init__(self):
        real = all_digits()
        self._neighbours = metrics.make("neighbours", real)
        self._neighbours.prepare()
        self.classifier = SupportVectorClassifier.fitted(pixels(real.samples), real.labels)

    def __call__(self, digits):
        """{name: float} of uint8 digits [n, 8, 8, 1]; `class_factor` is how far the worst class is off."""
        self._neighbours.update(digits)
        values = self._neighbours.result()
        ratios = self.classifier.ratios(pixels(digits))
        values |= {f"class_{label}": float(ratio) for label, ratio in zip(self.classifier.classes, ratios, strict=True)}
        least = float(ratios.min())
        return values | {"class_factor": max(float(ratios.max()), 1 / least if least else float("inf"))}


def missed(values):
    """Names of the targets that values do not reach."""
    names = [name for name, target in TARGETS.items() if values[name] < target]
    return names + (["class_factor"] if values["class_factor"] > WITHIN else [])


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--saved_model", default="saved_models/digits", help="directory of the SavedModel")
    parser.add_argument("--seeds", default="1", help="of the generated digits, with commas between")
    arguments = parser.parse_args()
    quiet.import_tensorflow()
    from wgangp_tf.serving.load import Generator

    try:
        generator = Generator(arguments.saved_model)
    except UserError as error:
        parser.error(str(error))
    measure = Measure()
    print(f"classifier: {measure.classifier.accuracy:.4f} of its held-out real digits right")
    bad = False
    for seed in map(int, arguments.seeds.split(",")):
        values = measure(generator.generate(COUNT, seed))
        print(f"seed {seed}: " + "  ".join(f"{name} {value:.3f}" for name, value in values.items()))
        names = missed(values)
        bad |= bool(names)
        print(f"seed {seed}: " + (f"MISSED {', '.join(names)}" if names else "all targets reached"))
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())

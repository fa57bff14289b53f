"""Time and memory of each metric, on features as wide as Inception's and on pictures.

    python benchmarks/metrics_speed.py --metrics=frechet,kernel --samples=10000 --features=2048
    python benchmarks/metrics_speed.py --metrics=sliced_wasserstein,ms_ssim --samples=10000 --size=64

The samples are random, and there are a tenth as many held-out ones. Each metric runs in a process of its own, so that
the greatest memory is its own too.
"""

import argparse
import multiprocessing
import pathlib
import resource
import sys
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

import numpy as np  # noqa: E402

from wgangp_tf.data.source import Split  # noqa: E402
from wgangp_tf.metrics import registry as metrics  # noqa: E402

METRICS = ("frechet", "frechet_infinity", "kernel", "neighbours", "sliced_wasserstein", "wasserstein", "memorising")


class Given:
    """Samples that are rows of features already, kept as those of a network are."""

    name, cheap, classes = "given", False, None

    def __call__(self, samples):
        return samples, None


def run(name, samples, features, size):
    """Measures one metric once and prints what it took."""
    draws = np.random.default_rng(0)
    if size:
        shape, given = (size, size, 3), "pixels"
        sets = [draws.integers(0, 256, (count, *shape), np.uint8) for count in (samples, samples, samples // 10)]
    else:
        shape, given = (features,), Given()
        sets = [draws.normal(size=(count, *shape)).astype(np.float32) for count in (samples, samples, samples // 10)]
    real, fake, held_out = sets
    held_by_samples = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    began, used = time.monotonic(), time.process_time()
    made = metrics.make(name, Split(real, held_out=held_out), features=given)
    made.prepare()
    prepared = time.monotonic()
    for batch in np.array_split(fake, 20):
        made.update(batch)
    values = made.result()
    ended = time.monotonic()
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    print(
        f"{name}, {samples} samples of {shape}: real side {prepared - began:.1f} s, generated {ended - prepared:.1f} s "
        f"({time.process_time() - used:.1f} s of processors), "
        f"at most {most / 2**20:.2f} GB, of which {held_by_samples / 2**20:.2f} the samples and libraries  {values}",
        flush=True,
    )


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--metrics", default=",".join(METRICS), help="with commas between")
    parser.add_argument("--samples", type=int, default=10_000, help="real ones, and as many generated")
    parser.add_argument("--features", type=int, default=2048, help="of each sample")
    parser.add_argument("--size", type=int, default=0, help="side of colour pictures to measure instead of features")
    arguments = parser.parse_args()
    for name in arguments.metrics.split(","):
        process = multiprocessing.get_context("spawn").Process(
            target=run, args=(name, arguments.samples, arguments.features, arguments.size)
        )
        process.start()
        process.join()


if __name__ == "__main__":
    main()

"""How fast pictures are read, on the fly and from the store, against bare tf.data on the same cores in the same run.

    python -m benchmarks.input_speed [--pictures=2000] [--batches=60] [--repeats=11]

Three ways from the same JPEGs of CelebA's shape to float batches of 320 (five critic updates of 64) at 64x64:
  bare: tf.io.decode_jpeg → the centred 178x178 → tf.image.resize (bilinear, antialiased), mapped in parallel.
  on the fly: --dataset=folder --cache=none, as training reads it.
  store: --dataset=folder --cache=disk, as training reads it, after it was prepared.
A training lasts longer than its start: the first batches of each repeat fill the buffers and are not timed. The ways
take turns, so that what else the machine does meets all of them; what counts is the ratio to bare of the same turn,
and the median of these. Prints a table and, as its last line, all numbers as JSON.
"""

import argparse
import itertools
import json
import os
import pathlib
import statistics
import tempfile
import time

import numpy as np

from benchmarks import jpegs

_BATCH, _N_CRITIC = 64, 5
_UNTIMED = 8  # batches: more than any of the ways keeps ahead
_STORE_FACTOR = 10  # the store is so much faster that it needs more batches to be timed


def bare(paths):
    """tf.data without any of this project."""
    import tensorflow as tf

    crop = int(jpegs.CROP)

    def read(path):
        picture = tf.io.decode_jpeg(tf.io.read_file(path), channels=3)
        picture = tf.image.resize(picture[20 : 20 + crop], (jpegs.SIZE, jpegs.SIZE), antialias=True)
        return picture / 127.5 - 1.0

    order = np.random.default_rng(0).permutation(len(paths))
    dataset = tf.data.Dataset.from_tensor_slices([str(paths[k]) for k in order]).repeat()
    dataset = dataset.map(read, num_parallel_calls=tf.data.AUTOTUNE)
    return dataset.batch(_BATCH * _N_CRITIC, drop_remainder=True).prefetch(tf.data.AUTOTUNE)


def ours(source, batches):
    """What training reads."""
    from wgangp_tf.data.pipeline import training_batches

    steps = batches + 2 * _UNTIMED  # the buffers stay full to the end, as those of the endless bare one do
    return training_batches(source.train, seed=0, batch_size=_BATCH, n_critic=_N_CRITIC, steps=steps)


def measured(dataset, batches):
    """(images per second, microseconds of processor time per image) once the buffers are full."""
    iterator = iter(dataset)
    for _ in itertools.islice(iterator, _UNTIMED):
        pass
    began, used = time.perf_counter(), time.process_time()
    for batch in itertools.islice(iterator, batches):
        batch.numpy()
    images = batches * _BATCH * _N_CRITIC
    seconds, processor = time.perf_counter() - began, time.process_time() - used
    return images / seconds, 1e6 * processor / images


def turns(count, batches, repeats):
    """{way: [(images per second, microseconds of processor time per image), one a turn]}."""
    with tempfile.TemporaryDirectory() as place:
        paths = jpegs.write(pathlib.Path(place, "pictures"), count)
        size = statistics.mean(path.stat().st_size for path in paths)
        print(f"{count:,} JPEGs of {size / 1e3:.1f} kB", flush=True)
        many = _STORE_FACTOR * batches
        ways = {
            "bare": (bare(paths), batches),
            "on the fly": (ours(jpegs.source(paths[0].parent, "none", place), batches), batches),
            "store": (ours(jpegs.source(paths[0].parent, "disk", place), many), many),
        }
        found = {name: [] for name in ways}
        for turn in range(repeats):
            names = list(ways)
            for name in names[turn % len(names) :] + names[: turn % len(names)]:
                found[name].append(measured(*ways[name]))
        return found


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--pictures", type=int, default=2000)
    parser.add_argument("--batches", type=int, default=60, help="of 320, timed in each turn")
    parser.add_argument("--repeats", type=int, default=11)
    options = parser.parse_args()
    found = turns(options.pictures, options.batches, options.repeats)
    for name, of in found.items():
        rates = sorted(rate for rate, _ in of)
        ratios = sorted(rate / against for (rate, _), (against, _) in zip(of, found["bare"], strict=True))
        print(
            f"{name:10} {statistics.median(rates):8,.0f} images/s ({rates[0]:,.0f} to {rates[-1]:,.0f})  "
            f"{statistics.median(ratios):6.2f} x bare ({ratios[0]:.2f} to {ratios[-1]:.2f})  "
            f"{statistics.median(cost for _, cost in of):4.0f} us of processor an image"
        )
    print(json.dumps({"cores": os.cpu_count(), "images_per_second_and_microseconds": found}))


if __name__ == "__main__":
    main()

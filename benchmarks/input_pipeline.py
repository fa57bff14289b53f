"""Speed and memory of the input side, against bare tf.data on the same cores in the same run.

    python -m benchmarks.input_pipeline [--pictures=2000] [--repeats=7]

Prints a table of medians and, as its last line, the same numbers as JSON:
  bare: files → tf.io.decode_jpeg → the centred 178x178 → tf.image.resize (bilinear, antialiased) → float batches.
  on the fly: --dataset=folder --cache=none, as training reads it.
  store: --dataset=folder --cache=disk, as training reads it, after it was prepared.
  memory: resident size of a process that reads batches from a store, less that after import, for 2,000 and for
    200,000 pictures of 64x64.
The ways of reading take turns, so that what else the machine does meets all of them.
"""

import argparse
import json
import os
import pathlib
import statistics
import subprocess
import sys
import tempfile
import time

import numpy as np

_BATCH, _N_CRITIC, _SIZE = 64, 5, 64
_MEMORY_COUNTS = (2_000, 200_000)


def write_pictures(folder, count):
    """CelebA-shaped JPEGs, 178x218 and about 8 kB: smooth colours with edges and a little grain."""
    from PIL import Image, ImageFilter

    generator = np.random.default_rng(0)
    for k in range(count):
        coarse = Image.fromarray(generator.integers(0, 256, (12, 10, 3), np.uint8))
        picture = coarse.resize((178, 218), Image.Resampling.BICUBIC).filter(ImageFilter.GaussianBlur(2))
        grain = generator.normal(0, 3, (218, 178, 1))
        pixels = np.clip(np.asarray(picture) + grain, 0, 255).astype(np.uint8)
        Image.fromarray(pixels).save(folder / f"{k:06}.jpg", quality=87)


def bare(paths, batches):
    """tf.data without any of this project."""
    import tensorflow as tf

    def read(path):
        picture = tf.io.decode_jpeg(tf.io.read_file(path), channels=3)
        picture = tf.image.resize(picture[20:198], (_SIZE, _SIZE), antialias=True)
        return picture / 127.5 - 1.0

    order = np.random.default_rng(0).permutation(len(paths))
    dataset = tf.data.Dataset.from_tensor_slices([paths[k] for k in order]).repeat()
    dataset = dataset.map(read, num_parallel_calls=tf.data.AUTOTUNE)
    return dataset.batch(_BATCH * _N_CRITIC, drop_remainder=True).prefetch(tf.data.AUTOTUNE).take(batches)


def ours(folder, cache, cache_dir, batches):
    """What training reads."""
    from wgangp_tf.config import Data
    from wgangp_tf.data import registry
    from wgangp_tf.data.pipeline import training_batches
    from wgangp_tf.settings import Storage

    data = Data(dataset="folder", image_size=(_SIZE, _SIZE), crop="178")
    source = registry.load(data, Storage(data_dir=str(folder), cache=cache, cache_dir=str(cache_dir)))
    return training_batches(source.train, seed=0, batch_size=_BATCH, n_critic=_N_CRITIC, steps=batches)


def images_per_second(dataset, batches):
    """(images per second, processor seconds per image); the batches made ahead count where they are made."""
    began, used = time.perf_counter(), time.process_time()
    for batch in dataset:
        batch.numpy()
    images = batches * _BATCH * _N_CRITIC
    return images / (time.perf_counter() - began), (time.process_time() - used) / images


def speeds(count, repeats):
    """({way: images per second}, {way: processor microseconds per image}): medians of the repeats."""
    with tempfile.TemporaryDirectory() as place:
        folder = pathlib.Path(place, "pictures")
        folder.mkdir()
        write_pictures(folder, count)
        size = np.mean([path.stat().st_size for path in folder.iterdir()])
        print(f"{count:,} JPEGs of {size / 1e3:.1f} kB", flush=True)
        paths = sorted(str(path) for path in folder.iterdir())
        few = max(8, count // (_BATCH * _N_CRITIC))
        ways = {
            "bare": (bare(paths, few), few),
            "on_the_fly": (ours(folder, "none", place, few), few),
            "store": (ours(folder, "disk", place, 10 * few), 10 * few),
        }
        measured = {name: [] for name in ways}
        for _ in range(repeats):
            for name, (dataset, batches) in ways.items():
                measured[name].append(images_per_second(dataset, batches))
        rates, costs = (
            {name: statistics.median(pair[k] for pair in of) for name, of in measured.items()} for k in (0, 1)
        )
        return rates, {name: 1e6 * cost for name, cost in costs.items()}


def synthesized(count, cache_dir):
    """A store of noise, by the store's own writer."""
    from wgangp_tf.data import store
    from wgangp_tf.settings import Storage

    def read(write):
        noise = np.random.default_rng(0).integers(0, 256, (64, _SIZE, _SIZE, 3), np.uint8)
        for k in range(count):
            write(noise[k % 64], k % 10)
        return store.Facts(np.arange(count // 10))

    recipe = store.Recipe(f"noise {count}", ["noise", count], (_SIZE, _SIZE, 3), count, read)
    return store.prepared(recipe, Storage(cache_dir=str(cache_dir)))


def resident():
    """Bytes of this process in memory."""
    with open("/proc/self/statm") as file:
        return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")


def memory_of(count, cache_dir):
    """Megabytes that reading batches, shuffled over the whole set, adds to what importing took."""
    import tensorflow as tf

    from wgangp_tf.data.arrays import Subset
    from wgangp_tf.data.pipeline import training_batches
    from wgangp_tf.data.source import Split

    tf.constant(0).numpy()
    before = resident()
    prepared = synthesized(count, cache_dir)
    split = Split(Subset(prepared.samples, np.delete(np.arange(count), prepared.facts.held_out)))
    sizes = []
    for batch in training_batches(split, seed=0, batch_size=_BATCH, n_critic=_N_CRITIC, steps=300):
        batch.numpy()
        sizes.append(resident())
    return (statistics.median(sizes[100:]) - before) / 1e6  # a batch more or less is in flight at any moment


def memory():
    """{number of pictures: megabytes}, each in a process of its own."""
    found = {}
    with tempfile.TemporaryDirectory() as place:
        for count in _MEMORY_COUNTS:
            synthesized(count, place)
            command = [sys.executable, "-m", "benchmarks.input_pipeline", f"--memory_of={count}", f"--place={place}"]
            result = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)
            found[count] = float(result.stdout.splitlines()[-1])
    return found


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--pictures", type=int, default=2000)
    parser.add_argument("--repeats", type=int, default=7)
    parser.add_argument("--memory_of", type=int, help=argparse.SUPPRESS)
    parser.add_argument("--place", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.memory_of:
        print(memory_of(options.memory_of, options.place))
        return
    rates, costs = speeds(options.pictures, options.repeats)
    for name, rate in rates.items():
        relative = f"{rate / rates['bare']:6.2f} x bare"
        print(f"{name:12} {rate:10,.0f} images/s {relative}   {costs[name]:6.0f} us of processor time an image")
    sizes = memory()
    for count, size in sizes.items():
        print(f"{count:>9,} pictures: {size:7.1f} MB resident")
    numbers = {"cores": os.cpu_count(), "images_per_second": rates, "microseconds": costs, "resident_megabytes": sizes}
    print(json.dumps(numbers))


if __name__ == "__main__":
    main()

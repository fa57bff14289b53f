"""Memory of the input side, for many pictures and for few.

    python -m benchmarks.input_memory [--few=2000] [--many=200000] [--repeats=5]

Resident size of a process that reads batches of 320 at 64x64, shuffled over the whole set, less what it was after its
imports. Each measurement is a process of its own, few and many in turn, and the median over its batches: a batch more
or less is in flight at any moment. Two ways are measured:
  store: --dataset=folder --cache=disk, found prepared.
  on the fly: --dataset=folder --cache=none, with the pass over all pictures that comes first.
The folders are real: each of the many names is a hard link to one of a few files.
"""

import argparse
import json
import os
import pathlib
import statistics
import subprocess
import sys
import tempfile

from benchmarks import jpegs

_BATCHES, _SETTLED = 150, 50  # read in each process; the first ones are not counted
_WAYS = {"store": "disk", "on the fly": "none"}


def resident():
    """Bytes of this process in memory."""
    with open("/proc/self/statm") as file:
        return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")


def added(folder, cache, cache_dir):
    """Megabytes that reading batches of a folder adds to what importing took."""
    import tensorflow as tf

    from wgangp_tf.data import folder as _  # noqa: F401
    from wgangp_tf.data import pipeline

    tf.constant(0).numpy()
    before = resident()
    source = jpegs.source(folder, cache, cache_dir)
    sizes = []
    for batch in pipeline.training_batches(source.train, seed=0, batch_size=64, n_critic=5, steps=_BATCHES):
        batch.numpy()
        sizes.append(resident())
    return (statistics.median(sizes[_SETTLED:]) - before) / 1e6


def measured(way, folder, cache_dir):
    """`added`, in a process of its own."""
    arguments = [f"--folder={folder}", f"--cache={_WAYS[way]}", f"--cache_dir={cache_dir}"]
    command = [sys.executable, "-m", "benchmarks.input_memory", *arguments]
    result = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)
    return float(result.stdout.splitlines()[-1])


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--few", type=int, default=2_000)
    parser.add_argument("--many", type=int, default=200_000)
    parser.add_argument("--repeats", type=int, default=5)
    for name in ("folder", "cache", "cache_dir"):
        parser.add_argument(f"--{name}", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.folder:
        print(added(options.folder, options.cache, options.cache_dir))
        return
    counts = (options.few, options.many)
    found = {way: {count: [] for count in counts} for way in _WAYS}
    with tempfile.TemporaryDirectory() as place:
        place = pathlib.Path(place)
        paths = jpegs.write(place / "originals", min(2_000, *counts))
        for count in counts:
            jpegs.link(paths, place / str(count), count)
            jpegs.source(place / str(count), "disk", place / "cache")
        for _ in range(options.repeats):
            for way, of in found.items():
                for count in counts:
                    of[count].append(measured(way, place / str(count), place / "cache"))
                    print(f"{way:10} {count:>9,} pictures: {of[count][-1]:6.1f} MB", flush=True)
    for way, of in found.items():
        few, many = (statistics.median(of[count]) for count in counts)
        print(f"{way:10} medians: {few:.1f} MB and {many:.1f} MB, {many / few - 1:+.0%}")
    print(json.dumps(found))


if __name__ == "__main__":
    main()

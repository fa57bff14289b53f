"""A step whose operations run on one thread each, several beside each other, against all threads for each.

    python -m benchmarks.threads digits shapes zoo_celeb_a_small --ways=2,1,1x3

By itself TensorFlow cuts each operation over all cores, and has as many operations going at once. A step is measured in
processes that differ in these two numbers (`--ways=2,1,1x3`: both of two cores for each operation; one; one, with three
operations at once), in turns. Works are named as those of `python main.py benchmark --preset`. Prints milliseconds,
medians with the least and the greatest, and ratios within each turn.
"""

import argparse
import os
import statistics

from wgangp_tf.speed import contestants, works
from wgangp_tf.training import chosen

_NAMES = "TF_NUM_INTRAOP_THREADS", "TF_NUM_INTEROP_THREADS"
_SECONDS = 1.0  # of a turn


def started(work, way):
    """The process of our step; a way is threads of an operation, and behind an x how many operations go at once."""
    for name in _NAMES:
        os.environ.pop(name, None)
    os.environ.update(zip(_NAMES, way.split("x"), strict=False))
    process = contestants.ours(work).start()
    process.answer()
    return process


def measured(work, ways, turns):
    """{way: list of milliseconds a step}, in turns."""
    processes = {way: started(work, way) for way in ways}
    found = {way: [] for way in ways}
    try:
        for process in processes.values():
            process.turn(5)
        steps = max(1, round(_SECONDS / processes[ways[0]].turn(5)["seconds"]))
        for number in range(turns):
            for way in ways[:: 1 if number % 2 == 0 else -1]:
                found[way].append(1000 * processes[way].turn(steps)["seconds"])
    finally:
        for process in processes.values():
            process.end()
    return found


def in_words(values):
    """A median with the least and the greatest."""
    return f"{statistics.median(values):.2f} ({min(values):.2f} to {max(values):.2f})"


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("works", nargs="+")
    parser.add_argument("--ways", default=f"{chosen.cores()},1", help="with commas between, such as 2,1,1x3")
    parser.add_argument("--turns", type=int, default=7)
    parser.add_argument("--batch_size", type=int)
    parser.add_argument("--width", type=int)
    arguments = parser.parse_args()
    changed = {name: getattr(arguments, name) for name in ("batch_size", "width") if getattr(arguments, name)}
    for name in arguments.works:
        work = works.find(name, **changed)
        print(f"{name}: {work.in_words()}", flush=True)
        found = measured(work, arguments.ways.split(","), arguments.turns)
        first = next(iter(found.values()))
        for way, values in found.items():
            ratios = [slow / fast for slow, fast in zip(first, values, strict=True)]
            print(f"  {way:5} {in_words(values)} ms, {in_words(ratios)} times as fast as the first", flush=True)


if __name__ == "__main__":
    main()

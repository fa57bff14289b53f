"""How much sooner the main job is done than by an earlier version, to the same quality.

    git worktree add ../earlier 26ef3cf     # the last one before the step was made faster
    python benchmarks/sooner.py --before=../earlier --rounds=3

In each round both checkouts train the digits from the start of Python to the export, one after the other, in turns that
begin with the other one each time, by the same interpreter. The time is that of the whole command. The quality is what
`digits_quality.py` of this checkout says of the SavedModel. With --steps=N this checkout's trainings have so many
steps, so that fewer can be compared.
"""

import argparse
import pathlib
import statistics
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent


def trained(checkout, place, flags):
    """Seconds that the main job of a checkout takes; its SavedModel is `place`/export."""
    words = [sys.executable, "main.py", *flags, f"--run_dir={place}/run", f"--export_dir={place}/export"]
    began = time.perf_counter()
    subprocess.run(words, cwd=checkout, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    return time.perf_counter() - began


def quality(place):
    """What `digits_quality.py` prints of a SavedModel, in one line."""
    words = [sys.executable, "benchmarks/digits_quality.py", f"--saved_model={place}/export"]
    printed = subprocess.run(words, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True).stdout
    return " ".join(printed.split())


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--before", type=pathlib.Path, required=True, help="the checkout of the earlier version")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--steps", type=int, help="of this checkout's trainings; as many as by default where left out")
    parser.add_argument("flags", nargs="*", help="behind --: flags of both trainings")
    arguments = parser.parse_args()
    checkouts = {"before": arguments.before.resolve(), "now": ROOT}
    own = {"before": [], "now": [] if arguments.steps is None else [f"--steps={arguments.steps}"]}
    ratios = []
    for number in range(arguments.rounds):
        seconds = {}
        for name in list(checkouts)[:: 1 if number % 2 == 0 else -1]:
            with tempfile.TemporaryDirectory() as place:
                seconds[name] = trained(checkouts[name], place, [*arguments.flags, *own[name]])
                print(f"round {number + 1}, {name}: {seconds[name]:.1f} s; {quality(place)}", flush=True)
        ratios.append(seconds["before"] / seconds["now"])
    print(f"sooner by {statistics.median(ratios):.2f} ({min(ratios):.2f} to {max(ratios):.2f})")


if __name__ == "__main__":
    main()

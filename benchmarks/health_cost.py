"""What health costs: the share of a training's time that its observers take, and the clock around each batch.

    python -m benchmarks.health_cost --dataset=digits --steps=600

Any flags of `train`; the run is made in a temporary directory. Prints the seconds of each part, those of the first log
(which traces graphs) left out, and their share of the run between its first and its last log.
"""

import collections
import json
import pathlib
import sys
import tempfile
import time

from wgangp_tf import cli
from wgangp_tf.training import signs

_PARTS = {signs.Weights: ("before", "see"), signs.Samples: ("see",), signs.Waiting: ("see",), signs.Health: ("see",)}


def timed(owner, name, spent):
    """Adds up what a method takes, call by call, in `spent`."""
    inner = getattr(owner, name)

    def outer(*arguments):
        began = time.perf_counter()
        try:
            return inner(*arguments)
        finally:
            spent[f"{owner.__name__}.{name}"].append(time.perf_counter() - began)

    setattr(owner, name, outer)


def main():
    spent = collections.defaultdict(list)
    for owner, names in _PARTS.items():
        for name in names:
            timed(owner, name, spent)
    with tempfile.TemporaryDirectory() as place:
        run = pathlib.Path(place, "run")
        sys.argv = ["main.py", *sys.argv[1:], f"--run_dir={run}", f"--export_dir={place}/export"]
        status = cli.main(sys.argv)
        lines = [json.loads(line) for line in (run / "metrics.jsonl").read_text().splitlines()]
    seconds = lines[-1]["seconds"] - lines[0]["seconds"]
    for name, of in spent.items():
        print(f"{name:16} {sum(of[1:]):8.4f} s of {seconds:.1f} s, {sum(of[1:]) / seconds:.3%}")
    print(f"together {sum(sum(of[1:]) for of in spent.values()) / seconds:.3%}")
    sys.exit(status)


if __name__ == "__main__":
    main()

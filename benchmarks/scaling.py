"""How much faster two processes train than one, each on a processor core of its own; and where the rest goes.

    python benchmarks/scaling.py --rounds=3 -- --preset=shapes --network=dcgan --steps=60 --log_every=10

What stands behind `--` goes to the trainings. In each round, in turn: one process alone; two that know nothing of each
other at the same time, which is what this machine's memory and caches allow; two that train together on twice the
batch (weak scaling); two that train together on the same batch (strong). Each number is a ratio within a round: images
a second against one process alone, over the number of processes.
"""

import argparse
import functools
import json
import os
import pathlib
import socket
import statistics
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parent.parent


def start(place, core, flags, told=None):
    """A training on one core in a directory."""
    environment = {name: value for name, value in os.environ.items() if name != "TF_CONFIG"}
    environment |= {"TF_CONFIG": json.dumps(told)} if told else {}
    words = [sys.executable, str(ROOT / "main.py"), *flags, f"--run_dir={place}/run", f"--export_dir={place}/export"]
    return subprocess.Popen(
        words,
        env=environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        preexec_fn=functools.partial(os.sched_setaffinity, 0, {core}),
    )


def speed(place):
    """Images a second of a run: the median of its logs after the first, whose steps were traced."""
    events = [json.loads(line) for line in (place / "run" / "metrics.jsonl").read_text().splitlines()]
    return statistics.median(event["images_per_second"] for event in events[1:])


def wait(processes):
    for process in processes:
        _, said = process.communicate()
        if process.returncode:
            sys.exit(f"a training failed with status {process.returncode}: {said.strip().splitlines()[-1:]}")


def alone(cores, flags):
    """Images a second of each of some trainings that run at the same time and know nothing of each other."""
    with tempfile.TemporaryDirectory() as name:
        places = [pathlib.Path(name, str(core)) for core in cores]
        wait([start(place, core, flags) for place, core in zip(places, cores, strict=True)])
        return [speed(place) for place in places]


def together(cores, flags):
    """Images a second of a training of several processes."""
    with tempfile.TemporaryDirectory() as name:
        place = pathlib.Path(name)
        with socket.socket() as first, socket.socket() as second:
            for probe in (first, second):
                probe.bind(("127.0.0.1", 0))
            workers = [f"127.0.0.1:{probe.getsockname()[1]}" for probe in (first, second)]
        told = [{"cluster": {"worker": workers}, "task": {"type": "worker", "index": k}} for k in range(len(cores))]
        wait([start(place, core, flags, of) for core, of in zip(cores, told, strict=True)])
        return speed(place)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--batch_size", type=int, default=16, help="of one process")
    parser.add_argument("flags", nargs="*", help="of the training")
    options = parser.parse_args()
    cores = sorted(os.sched_getaffinity(0))[:2]
    once, twice = (f"--batch_size={times * options.batch_size}" for times in (1, 2))
    ratios = {"two apart": [], "two together, weak": [], "two together, strong": []}
    for number in range(options.rounds):
        (one,) = alone(cores[:1], [*options.flags, once])
        found = {
            "two apart": sum(alone(cores, [*options.flags, once])),
            "two together, weak": together(cores, [*options.flags, twice]),
            "two together, strong": together(cores, [*options.flags, once]),
        }
        for name, value in found.items():
            ratios[name].append(value / one / 2)
        said = ", ".join(f"{name} {value:.0f}" for name, value in found.items())
        print(f"round {number + 1}: images a second: one {one:.0f}, {said}", flush=True)
    for name, values in ratios.items():
        print(f"{name}: efficiency {statistics.median(values):.2f} ({min(values):.2f} to {max(values):.2f})")


if __name__ == "__main__":
    main()

"""The table of results in docs/numbers.md: every method on the embedded data sets, several seeds, measured alike.

    python benchmarks/results.py --out=build/results
    python benchmarks/results.py --out=build/results --table   # what there is so far, as Markdown

Each run is the program's own: `train` with the defaults of method and data set (points: small networks and few steps,
`_SMALL`) on one thread, at most so many minutes of processor time, start-up included, so that other work changes
little; then `evaluate` of its newest checkpoint. A run that is finished is a line of results.jsonl and is not made
again; one that was interrupted goes on from its checkpoint. Runs that diverge are counted, not left out in silence.
"""

import argparse
import json
import os
import pathlib
import resource
import signal
import statistics
import subprocess
import sys
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from wgangp_tf import cli  # noqa: E402
from wgangp_tf.data import registry as data_sets  # noqa: E402
from wgangp_tf.gan import methods  # noqa: E402
from wgangp_tf.training import evaluation, metrics_log  # noqa: E402

_FEW = ("wgan-gp", "wgan", "dcgan", "r3gan")
_TOY = ("modes_covered", "within_4_sigma", "wasserstein")
# of the presets toy_…_small, in a third of their steps: the papers' size would be at its beginning after minutes
_SMALL = ("--width=128", "--learning_rate_decay=linear", "--ema_decay=0.99", "--steps=4000")
_RATE = "--learning_rate=1e-3"  # theirs too, for methods that nothing better is known of
# data set: (methods, seeds, minutes of one core at most, metrics, values of the table, generated samples)
PLAN = {
    "digits": (
        tuple(methods.METHODS),
        (0, 1, 2),
        2,
        "frechet,neighbours",
        ("precision", "recall", "density", "coverage", "frechet_distance"),
        3000,
    ),
    "8gaussians": (tuple(methods.METHODS), (0, 1, 2), 2, "modes,near_modes,wasserstein", _TOY, 10_000),
    "25gaussians": (tuple(methods.METHODS), (0, 1, 2), 2, "modes,near_modes,wasserstein", _TOY, 10_000),
    "swiss_roll": (tuple(methods.METHODS), (0, 1, 2), 2, "wasserstein", ("wasserstein",), 10_000),
    "stacked_digits": (_FEW, (0,), 8, "modes,frechet", ("modes_covered", "modes_kl", "frechet_distance"), 25_600),
    "shapes": (_FEW, (0,), 8, "frechet,neighbours", ("frechet_distance", "precision", "coverage"), 3000),
}
_DIVERGED, _STOPPED = 3, 128 + signal.SIGTERM  # exit status
_TICKS = os.sysconf("SC_CLK_TCK")


def _train(dataset, method, seed, minutes, directory):
    """Trains one run to its end or to where its time is over; returns its exit status and processor seconds."""
    words = [f"--dataset={dataset}", f"--method={method}", f"--seed={seed}", f"--run_dir={directory}"]
    words += [f"--export_dir={directory}/export", "--overwrite", *_small(dataset, method)]
    before = directory.with_suffix(".seconds")  # of processes that were interrupted
    earlier = float(before.read_text()) if before.exists() else 0.0
    environment = os.environ | {"PYTHONPATH": str(ROOT), "TF_NUM_INTRAOP_THREADS": "1", "TF_NUM_INTEROP_THREADS": "1"}
    started = resource.getrusage(resource.RUSAGE_CHILDREN)
    with subprocess.Popen([sys.executable, str(ROOT / "main.py"), "train", *words], env=environment) as process:
        while process.poll() is None:
            seconds = earlier + _processor_seconds(process.pid)
            before.write_text(str(seconds))
            if seconds > 60 * minutes:
                process.terminate()
                process.wait()
            time.sleep(0.2)
    ended = resource.getrusage(resource.RUSAGE_CHILDREN)
    seconds = earlier + ended.ru_utime + ended.ru_stime - started.ru_utime - started.ru_stime
    return (0 if process.returncode in (-signal.SIGTERM, _STOPPED) else process.returncode), seconds


def _small(dataset, method):
    """What points train with, see `_SMALL`; nothing for pictures."""
    if data_sets.find(dataset).kind != "points":
        return ()
    return _SMALL if dataset in methods.find(method).measured else (*_SMALL, _RATE)


def _processor_seconds(process_id):
    """What a process has taken so far; 0 for one that has ended."""
    try:
        fields = pathlib.Path(f"/proc/{process_id}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return 0.0
    return (int(fields[11]) + int(fields[12])) / _TICKS


def _measured(dataset, method, seed, place):
    """One run as a line of results.jsonl."""
    _, _, minutes, metrics, names, samples = PLAN[dataset]
    directory = place / f"{dataset}-{method}-{seed}"
    status, seconds = _train(dataset, method, seed, minutes, directory)
    found = {"dataset": dataset, "method": method, "seed": seed, "status": status, "processor_seconds": seconds}
    if status not in (0, _DIVERGED):
        raise SystemExit(f"training {dataset}, {method}, seed {seed} ended with status {status}")
    log = metrics_log.read(directory / "metrics.jsonl")
    found["step"] = log[-1]["step"] if log else 0
    if status == 0:
        (directory / "evaluation.jsonl").unlink(missing_ok=True)
        flags = (f"--metrics={metrics}", f"--num_images={samples}", f"--out={directory}/evaluation.jsonl")
        if cli.main(["main.py", "evaluate", f"--run_dir={directory}", *flags]):
            raise SystemExit(f"evaluating {directory} failed")
        kept = evaluation.read(directory / "evaluation.jsonl")[-1]
        found |= {name: kept[name] for name in names} | {"samples": samples}
    return found


def table(lines):
    """The results as Markdown."""
    for dataset, (_, _, minutes, _, names, samples) in PLAN.items():
        of_set = [line for line in lines if line["dataset"] == dataset]
        if not of_set:
            continue
        yield f"### {dataset}: at most {minutes} minutes of one core a run, {samples:,} samples"
        yield ""
        yield "| method | n | " + " | ".join(names) + " | steps | processor seconds |"
        yield "|---" * (len(names) + 4) + "|"
        for method in dict.fromkeys(line["method"] for line in of_set):
            runs = [line for line in of_set if line["method"] == method]
            good = [line for line in runs if line["status"] == 0]
            count = f"{len(good)}" if len(good) == len(runs) else f"{len(good)}, {len(runs) - len(good)} diverged"
            cells = [_cell([line[name] for line in good]) for name in (*names, "step", "processor_seconds")]
            yield f"| {method} | {count} | " + " | ".join(cells) + " |"
        yield ""


def _cell(values):
    """Mean ± standard deviation over runs."""
    if not values:
        return ""
    mean = statistics.fmean(values)
    digits = 0 if mean >= 100 else 3
    if len(values) == 1:
        return f"{mean:,.{digits}f}"
    return f"{mean:,.{digits}f} ± {statistics.stdev(values):,.{digits}f}"


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=pathlib.Path, required=True, help="directory of the runs and of results.jsonl")
    parser.add_argument("--datasets", default=",".join(PLAN), help="some of them, with commas between")
    parser.add_argument("--table", action="store_true", help="train nothing, print the table of what there is")
    options = parser.parse_args()
    options.out.mkdir(parents=True, exist_ok=True)
    kept = options.out / "results.jsonl"
    lines = [json.loads(line) for line in kept.read_text().splitlines()] if kept.exists() else []
    done = {(line["dataset"], line["method"], line["seed"]) for line in lines}
    if not options.table:
        for dataset in options.datasets.split(","):
            for seed in PLAN[dataset][1]:
                for method in PLAN[dataset][0]:
                    if (dataset, method, seed) in done:
                        continue
                    line = _measured(dataset, method, seed, options.out)
                    lines.append(line)
                    with open(kept, "a") as file:
                        file.write(json.dumps(line) + "\n")
    print("\n".join(table(lines)))


if __name__ == "__main__":
    main()

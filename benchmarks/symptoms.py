"""What goes wrong looks like this: short trainings of the digits, each with one thing wrong, and the numbers they log.

    python benchmarks/symptoms.py --out=symptoms

The rows of the table in docs/runs.md. Each training takes well under a minute on two cores; a table of the range of
each number over its log lines is printed, and the runs stay under --out to be looked at.
"""

import argparse
import json
import pathlib
import subprocess
import sys

_ROOT = pathlib.Path(__file__).resolve().parents[1]
_SHORT = "--steps=600"
_POINTS = "--width=128 --learning_rate=1e-3 --steps=600"
# name: flags
_TRAININGS = {
    "default": "",
    "without fault": _SHORT,
    "penalty too weak": f"{_SHORT} --gp_weight=0.01",
    "penalty too strong": f"{_SHORT} --gp_weight=1000",
    "critic too slow": f"{_SHORT} --critic_learning_rate=1e-5",
    "rate too high": f"{_SHORT} --learning_rate=0.05",
    "rate much too high": f"{_SHORT} --learning_rate=10",
    "rate too low": f"{_SHORT} --learning_rate=1e-6",
    "clipping": f"{_SHORT} --method=wgan --clip_value=0.01 --learning_rate=5e-5",
    "8 Gaussians": f"--dataset=8gaussians {_POINTS}",
    "25 Gaussians": f"--dataset=25gaussians {_POINTS}",
}
_NUMBERS = (
    "wasserstein_estimate",
    "validation_wasserstein_estimate",
    "critic_loss",
    "gradient_norm",
    "gradient_norm_min",
    "gradient_norm_max",
    "modes_covered",
    "within_4_sigma",
)


def train(name, flags, out):
    """Trains in a directory of its own; returns the log lines and, where it failed, what was said at the end."""
    place = out / name.replace(" ", "_")
    command = [sys.executable, str(_ROOT / "main.py"), *flags.split(), f"--run_dir={place}", "--overwrite"]
    done = subprocess.run([*command, f"--export_dir={place}_model"], cwd=_ROOT, capture_output=True, text=True)
    log = place / "metrics.jsonl"
    lines = [json.loads(line) for line in log.read_text().splitlines()] if log.exists() else []
    return lines, f"status {done.returncode}: {done.stderr.splitlines()[-1]}" if done.returncode else ""


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--out", type=pathlib.Path, required=True, help="folder for the runs; it must not exist yet")
    parser.add_argument("--only", choices=_TRAININGS, help="one of the trainings")
    arguments = parser.parse_args()
    if arguments.out.exists():
        parser.error(f"expected a new folder. Received: --out={arguments.out}")
    for name in [arguments.only] if arguments.only else _TRAININGS:
        lines, failure = train(name, _TRAININGS[name], arguments.out.resolve())
        print(f"{name}: {_TRAININGS[name] or 'no flags'}\n  {failure}".rstrip(), flush=True)
        for number in _NUMBERS:
            values = [line[number] for line in lines if number in line]
            if values:
                ends = f"first {values[0]:.3g}, last {values[-1]:.3g}"
                print(f"  {number:32} {min(values):.3g} to {max(values):.3g}; {ends}", flush=True)


if __name__ == "__main__":
    main()

"""One training, killed at 20 seeded random moments, against the same training left alone.

    python benchmarks/kill_campaign.py

Each time the process is killed by SIGKILL and the same command is given again. At the end weights, optimizers, logs,
TensorBoard events, pictures and samples of the export are compared with those of the uninterrupted run, bit for bit
(times excepted). The run logs every 5 steps, draws every 10 and saves every 15, so that many of the moments fall into
these. Exit status 0 where nothing differs.
"""

import argparse
import os
import pathlib
import random
import signal
import subprocess
import sys
import tempfile
import time

_ROOT = pathlib.Path(__file__).resolve().parents[1]
_FLAGS = (
    "--deterministic --width=64 --latent_dim=16 --batch_size=32 --n_critic=3 --seed=7 --learning_rate_decay=linear "
    "--log_every=5 --sample_every=10 --checkpoint_every=15"
)


def _start(directory, name, steps):
    command = [sys.executable, str(_ROOT / "main.py"), *_FLAGS.split(), f"--steps={steps}", f"--run_dir=runs/{name}"]
    return subprocess.Popen(
        command, cwd=directory, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, start_new_session=True
    )


def _finish(process):
    _, errors = process.communicate()
    if process.returncode != 0:
        sys.exit(f"a run ended with {process.returncode}:\n{errors}")


def _last_step(errors):
    """The step a killed process last logged, as text."""
    steps = [line.split()[1].split("/")[0] for line in errors.splitlines() if line.startswith("step ")]
    return f"after the log of step {steps[-1]}" if steps else "before its first log"


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--kills", type=int, default=20)
    parser.add_argument("--steps", type=int, default=600)
    parser.add_argument("--seed", type=int, default=0)
    arguments = parser.parse_args()
    moments = random.Random(arguments.seed)

    with tempfile.TemporaryDirectory() as directory:
        began = time.monotonic()
        _finish(_start(directory, "whole", arguments.steps))
        whole = time.monotonic() - began
        print(f"uninterrupted: {arguments.steps} steps in {whole:.0f} s", flush=True)

        killed = 0
        while killed < arguments.kills:
            process = _start(directory, "killed", arguments.steps)
            try:
                # the first kills come early in the run, the last ones late, in its export too
                _, errors = process.communicate(timeout=moments.uniform(0.25, 0.6) * whole)
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGKILL)
                _, errors = process.communicate()
                killed += 1
                print(f"kill {killed}: {_last_step(errors)}", flush=True)
                continue
            if process.returncode != 0:
                sys.exit(f"a continued run ended with {process.returncode}:\n{errors}")
            break
        _finish(_start(directory, "killed", arguments.steps))

        sys.path.insert(0, str(_ROOT))
        from benchmarks.run_differences import differences

        paths = [
            pathlib.Path(directory, part, name) for part in ("runs", "saved_models") for name in ("whole", "killed")
        ]
        found = differences(*paths[:2], exports=paths[2:])
    for line in found:
        print("differs:", line)
    print(f"{killed} kills, {len(found)} differences")
    return 1 if found or killed < arguments.kills else 0


if __name__ == "__main__":
    sys.exit(main())

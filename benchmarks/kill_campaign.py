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


class _Run:
    """A process that trains, or goes on training, in runs/<name>."""

    def __init__(self, directory, name, steps):
        self._log = pathlib.Path(directory, f"{name}.log")
        command = [
            sys.executable,
            str(_ROOT / "main.py"),
            *_FLAGS.split(),
            f"--steps={steps}",
            f"--run_dir=runs/{name}",
        ]
        with open(self._log, "w") as log:
            self._process = subprocess.Popen(
                command, cwd=directory, stdout=subprocess.DEVNULL, stderr=log, start_new_session=True
            )

    def wait_for(self, text):
        """Returns when the process has printed a line that begins with `text`, or has ended."""
        while self._process.poll() is None and not any(line.startswith(text) for line in self._lines()):
            time.sleep(0.02)

    def ends_within(self, seconds):
        """Whether the process ends by itself; a run that fails ends the campaign."""
        try:
            self._process.wait(seconds)
        except subprocess.TimeoutExpired:
            return False
        if self._process.returncode != 0:
            sys.exit(f"a run ended with {self._process.returncode}:\n{self._log.read_text()}")
        return True

    def kill(self):
        """Kills the process; returns where it was, in words."""
        os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()
        steps = [line.split()[1] for line in self._lines() if line.startswith("step ")]
        return f"after the log of step {steps[-1]}" if steps else "before the first log since it was started"

    def _lines(self):
        return self._log.read_text().splitlines()


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--kills", type=int, default=20)
    parser.add_argument("--steps", type=int, default=1500)
    parser.add_argument("--seed", type=int, default=0)
    arguments = parser.parse_args()
    moments = random.Random(arguments.seed)

    with tempfile.TemporaryDirectory() as directory:
        whole = _Run(directory, "whole", arguments.steps)
        whole.wait_for("run directory")
        began = time.monotonic()
        whole.wait_for("step ")
        first = time.monotonic() - began
        whole.ends_within(None)
        rest = time.monotonic() - began - first
        print(f"uninterrupted: {arguments.steps} steps, first log after {first:.0f} s, then {rest:.0f} s", flush=True)

        killed, ended = 0, False
        while killed < arguments.kills and not ended:
            run = _Run(directory, "killed", arguments.steps)
            run.wait_for("run directory")
            # on average each start gets two thirds of its share of the run: it does not end before its last kill
            ended = run.ends_within(moments.uniform(0, 1.4 * (first + rest / arguments.kills)))
            if not ended:
                killed += 1
                print(f"kill {killed}: {run.kill()}", flush=True)
        _Run(directory, "killed", arguments.steps).ends_within(None)

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

"""The peak of memory that `--dry_run` tells, against that of a training, in megabytes.

    python benchmarks/dry_run_memory.py --steps=30 -- --preset=shapes

What stands behind `--` goes to both.
"""

import argparse
import os
import pathlib
import re
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parent.parent


def run(flags):
    """(megabytes that the process had at most, what it printed)."""
    with subprocess.Popen(
        [sys.executable, str(ROOT / "main.py"), *flags], stdout=subprocess.PIPE, text=True
    ) as process:
        printed = process.stdout.read()
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        sys.exit(f"{' '.join(flags)} ended with status {process.returncode}")
    return usage.ru_maxrss / 1e3 * 1.024, printed


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--steps", type=int, default=30, help="of the training")
    parser.add_argument("flags", nargs="*", help="of the training")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as place:
        places = [f"--run_dir={place}/run", f"--export_dir={place}/export"]
        training, _ = run([*options.flags, f"--steps={options.steps}", *places])
    _, printed = run([*options.flags, "--dry_run"])
    (told,) = re.findall(r"^memory: (.*) at its peak", printed, re.M)
    print(f"the training {training:.0f} MB, --dry_run says {told}")


if __name__ == "__main__":
    main()

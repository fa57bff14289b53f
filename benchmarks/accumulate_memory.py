"""Memory of a training whose batch is cut into parts by `--accumulate`, against the whole batch.

    python benchmarks/accumulate_memory.py --parts=1,2,4,8

Each training is a process of its own, of a few steps; the number is the most memory that it ever held, beside that of a
training of the smallest network, which is what TensorFlow and this program take by themselves.
"""

import argparse
import os
import pathlib
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parent.parent
LARGE = ["--dataset=shapes", "--image_size=64", "--network=dcgan", "--width=32", "--batch_size=256", "--n_critic=1"]
SMALL = ["--dataset=digits", "--network=mlp", "--width=1", "--batch_size=8", "--n_critic=1"]


def most(flags):
    """Megabytes that a training held at most."""
    with tempfile.TemporaryDirectory() as place:
        words = [sys.executable, str(ROOT / "main.py"), *flags, "--steps=3", f"--run_dir={place}/run"]
        process = subprocess.Popen([*words, f"--export_dir={place}/export"], stdout=subprocess.DEVNULL)
        _, status, used = os.wait4(process.pid, 0)
        if status:
            sys.exit(f"a training failed with status {os.waitstatus_to_exitcode(status)}")
        return used.ru_maxrss / 1024


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--parts", default="1,2,4,8")
    parser.add_argument("flags", nargs="*", default=LARGE, help="of the training")
    options = parser.parse_args()
    floor = most(SMALL)
    print(f"the smallest training: {floor:,.0f} MB")
    for parts in options.parts.split(","):
        held = most([*options.flags, f"--accumulate={parts}"])
        print(f"--accumulate={parts}: {held:,.0f} MB, {held - floor:,.0f} more than the smallest", flush=True)


if __name__ == "__main__":
    main()

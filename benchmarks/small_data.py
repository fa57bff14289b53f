"""What `--augment` and `--init_from` do for 200 pictures: digits 5 to 9, after a training on digits 0 to 4, or without.

    python -m benchmarks.small_data --out=small_data.jsonl --place=/tmp/small_data
    python -m benchmarks.small_data --out=small_data.jsonl --place=/tmp/small_data --steps=200

A folder of all digits 0 to 4, and one of 200 digits 5 to 9, a tenth of each held out; the networks and rates are those
of the digits' defaults. Each training of the 200 has so many steps as the others. 2,000 generated digits are measured
against all real digits 5 to 9, of which most were never seen; one JSON object a training is appended to --out.
"""

import argparse
import json
import pathlib

import numpy as np
from PIL import Image

from benchmarks import digits_quality
from wgangp_tf import cli, quiet
from wgangp_tf.data.source import Split
from wgangp_tf.metrics import registry as metrics

COUNT, PICTURES, STEPS, STEPS_BEFORE = 2000, 200, 1000, 1200
FLAGS = {
    "dataset": "folder",
    "image_size": 8,
    "channels": 1,
    "method": "wgan-gp",
    "network": "mlp",
    "width": 256,
    "latent_dim": 128,
    "generator_normalization": "batch",
    "critic_normalization": "none",
    "batch_size": 64,
    "n_critic": 3,
    "learning_rate": 2e-3,
    "beta_1": 0.0,
    "beta_2": 0.9,
    "learning_rate_decay": "linear",
    "ema_decay": 0.99,
    "log_every": 500,
    "sample_every": 500,
}
CANDIDATES = {
    "from nothing": [],
    "--init_from": ["--init_from=before"],
    "both": ["--init_from=before", "--augment=translate"],
    "--augment=translate": ["--augment=translate"],
    "--augment=color": ["--augment=color"],
}


def write(place, pictures):
    """A folder of grey pictures, uint8 [n, 8, 8, 1]."""
    place.mkdir(parents=True)
    for number, picture in enumerate(pictures):
        Image.fromarray(picture[:, :, 0]).save(place / f"{number:04}.png")


def train(place, data, run, steps, flags):
    """Trains from the command line, and returns the last line of its log."""
    flags = [flag.replace("--init_from=", f"--init_from={place}/") for flag in flags]
    words = [
        *(f"--{name}={value}" for name, value in FLAGS.items()),
        f"--data_dir={place / data}",
        f"--steps={steps}",
        f"--cache_dir={place / 'cache'}",
        *flags,
    ]
    status = cli.main(["main.py", "train", *words, f"--run_dir={place / run}", f"--export_dir={place / run}_model"])
    assert status == 0, status
    return json.loads((place / run / "metrics.jsonl").read_text().splitlines()[-1])


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=pathlib.Path, required=True, help="JSON lines, appended to")
    parser.add_argument("--place", type=pathlib.Path, required=True, help="a new directory, for pictures and runs")
    parser.add_argument("--only", choices=CANDIDATES, action="append", help="one of them; may be given again")
    parser.add_argument("--steps", type=int, default=STEPS, help="of each training of the 200")
    options = parser.parse_args()
    quiet.import_tensorflow()
    from wgangp_tf.serving.load import Generator

    real = digits_quality.all_digits()
    samples, labels = np.asarray(real.samples), np.asarray(real.labels)
    others, wanted = samples[labels < 5], samples[labels >= 5]
    if not options.place.exists():
        write(options.place / "zero_to_four", others)
        write(options.place / "five_to_nine", wanted[np.random.default_rng(0).permutation(len(wanted))[:PICTURES]])
        train(options.place, "zero_to_four", "before", STEPS_BEFORE, [])
    neighbours = metrics.make("neighbours", Split(wanted))
    for number, (name, flags) in enumerate(CANDIDATES.items()):
        if options.only and name not in options.only:
            continue
        run = f"run_{number}_{options.steps}"
        logged = train(options.place, "five_to_nine", run, options.steps, flags)
        neighbours.update(Generator(options.place / f"{run}_model").generate(COUNT, 1))
        line = {"name": name, "steps": options.steps} | {
            key: round(value, 3) for key, value in neighbours.result().items()
        }
        for key in ("wasserstein_estimate", "validation_wasserstein_estimate"):
            line[key] = round(logged[key], 3)
        with options.out.open("a") as file:
            file.write(json.dumps(line) + "\n")


if __name__ == "__main__":
    main()

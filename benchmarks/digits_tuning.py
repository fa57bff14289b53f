"""Quality of the generated digits over the steps of a training, for the settings the defaults were chosen from.

    python benchmarks/digits_tuning.py --candidates=benchmarks/digits_candidates.json --out=tuning.jsonl

Each candidate is an object of config fields over the data set's defaults, with a "name" beside them. One JSON object a
measurement is appended to --out. "seconds" is training alone, the measurements not counted.
"""

import argparse
import json
import pathlib
import sys
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "benchmarks")]

import digits_quality  # noqa: E402

from wgangp_tf import config as configs  # noqa: E402
from wgangp_tf import quiet, settings  # noqa: E402
from wgangp_tf.data import registry as data_sets  # noqa: E402


def prepare(values):
    """The compiled model of config fields over the data set's defaults, and an iterator of its batches."""
    from wgangp_tf.data import pipeline
    from wgangp_tf.training import build

    config = configs.from_values({"dataset": "digits"} | dict(data_sets.find("digits").defaults) | values)
    source = data_sets.load(config.data, settings.Storage())
    model = build.build(config, source.spec)
    model.make_train_function()
    batches = pipeline.training_batches(
        source.train,
        seed=config.seed,
        batch_size=config.optimization.batch_size,
        n_critic=config.optimization.n_critic,
        steps=config.optimization.steps,
    )
    return model, iter(batches)


def train(values, measured_steps):
    """Trains a config; yields (step, seconds of training, uint8 digits) at each of the steps."""
    model, batches = prepare(values)
    done, seconds = 0, 0.0
    for target in measured_steps:
        began = time.monotonic()
        for _ in range(target - done):
            logs = model.train_function(batches)
        float(logs["generator_loss"])
        done, seconds = target, seconds + time.monotonic() - began
        yield target, seconds, model.codec.encode(model.generate(digits_quality.COUNT, seed=1)).numpy()


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--candidates", type=pathlib.Path, required=True, help="JSON: a list of objects")
    parser.add_argument("--out", type=pathlib.Path, required=True, help="JSON lines, appended to")
    parser.add_argument("--seeds", default="0", help="of the runs, with commas between")
    parser.add_argument("--measurements", type=int, default=6, help="of each run, evenly over its steps")
    arguments = parser.parse_args()
    quiet.import_tensorflow()
    measure = digits_quality.Measure()
    for candidate in json.loads(arguments.candidates.read_text()):
        values = {key: value for key, value in candidate.items() if key != "name"}
        for seed in map(int, arguments.seeds.split(",")):
            last = values["steps"]
            steps = [last * (k + 1) // arguments.measurements for k in range(arguments.measurements)]
            for step, seconds, digits in train(values | {"seed": seed}, steps):
                event = {"name": candidate["name"], "seed": seed, "step": step, "seconds": round(seconds, 1)}
                event |= {name: round(value, 4) for name, value in measure(digits).items()}
                with arguments.out.open("a") as file:
                    file.write(json.dumps(event) + "\n")
                print(json.dumps(event), flush=True)


if __name__ == "__main__":
    main()

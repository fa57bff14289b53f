"""What generators make of the toy sets over the steps of a training, for several settings in turn.

    python benchmarks/toy_tuning.py --candidates=candidates.json --out=tuning.jsonl

Each candidate is an object of config fields with a "name" beside them. One JSON object a measurement is appended to
--out: modes covered and the share of 10,000 samples within 4 sigma of one, where the modes are known; the exact
Wasserstein-1 distance of 2,000 samples to as many held-out points, and that of real points ("floor"). "seconds" is
training alone, the measurements not counted.
"""

import argparse
import json
import pathlib
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "benchmarks")]

import digits_tuning  # noqa: E402

from wgangp_tf import config as configs  # noqa: E402
from wgangp_tf import quiet, settings  # noqa: E402
from wgangp_tf.data import registry as data_sets  # noqa: E402
from wgangp_tf.experiments import toy_samples, trainings  # noqa: E402


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--candidates", type=pathlib.Path, required=True, help="JSON: a list of objects")
    parser.add_argument("--out", type=pathlib.Path, required=True, help="JSON lines, appended to")
    parser.add_argument("--sets", default="8gaussians,25gaussians,swiss_roll", help="with commas between")
    parser.add_argument("--measurements", type=int, default=4, help="of each run, evenly over its steps")
    arguments = parser.parse_args()
    quiet.import_tensorflow()
    for candidate in json.loads(arguments.candidates.read_text()):
        for data_set in arguments.sets.split(","):
            values = {key: value for key, value in candidate.items() if key != "name"} | {"dataset": data_set}
            source = data_sets.load(configs.from_values(values).data, settings.Storage())
            steps = [values["steps"] * (k + 1) // arguments.measurements for k in range(arguments.measurements)]
            for step, seconds, points in digits_tuning.train(values, steps, 10_000):
                found = toy_samples.measured(source, [trainings.Look(step, seconds, points)])
                numbers = dict(zip(toy_samples.VALUES, found["curves"][0].tolist(), strict=True))
                event = {"name": candidate["name"], "set": data_set, **numbers, "floor": float(found["floor"])}
                with arguments.out.open("a") as file:
                    file.write(json.dumps(event) + "\n")
                print(json.dumps(event), flush=True)


if __name__ == "__main__":
    main()

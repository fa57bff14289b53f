"""Quality of the generated shapes over the steps of a training, for several settings in turn.

    python benchmarks/shapes_tuning.py --candidates=candidates.json --out=tuning.jsonl

Each candidate is an object of config fields over the preset `shapes`, with a "name" beside them. One JSON object a
measurement is appended to --out: see `shapes_quality.measure`. "seconds" is training alone, the measurements not
counted.
"""

import argparse
import json
import pathlib
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "benchmarks")]

import digits_tuning  # noqa: E402
import shapes_quality  # noqa: E402

from wgangp_tf import presets, quiet  # noqa: E402


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--candidates", type=pathlib.Path, required=True, help="JSON: a list of objects")
    parser.add_argument("--out", type=pathlib.Path, required=True, help="JSON lines, appended to")
    parser.add_argument("--classifier", type=pathlib.Path, default=shapes_quality.CLASSIFIER)
    parser.add_argument("--measurements", type=int, default=8, help="of each run, evenly over its steps")
    arguments = parser.parse_args()
    quiet.import_tensorflow()
    model = shapes_quality.classifier(arguments.classifier)
    for candidate in json.loads(arguments.candidates.read_text()):
        values = presets.find("shapes") | {key: value for key, value in candidate.items() if key != "name"}
        steps = [values["steps"] * (k + 1) // arguments.measurements for k in range(arguments.measurements)]
        for step, seconds, pictures in digits_tuning.train(values, steps, shapes_quality.COUNT):
            event = {"name": candidate["name"], "step": step, "seconds": round(seconds, 1)}
            event |= {name: round(value, 3) for name, value in shapes_quality.measure(model, pictures).items()}
            with arguments.out.open("a") as file:
                file.write(json.dumps(event) + "\n")
            print(json.dumps(event), flush=True)


if __name__ == "__main__":
    main()

"""Milliseconds of a training step of the digits for several settings, measured in turn so that all meet the same load.

python benchmarks/digits_step_time.py '{"default": {}, "width 512": {"width": 512}, "XLA": {"jit_compile": true}}'
"""

import argparse
import json
import statistics
import time

import digits_tuning

from wgangp_tf import quiet

_ENDLESS = 1_000_000  # steps: more than are measured
_TURN = 20  # steps


def prepare(values):
    """(model, batches) of config fields, with "jit_compile" beside them, after the first step."""
    values = {"steps": _ENDLESS} | values
    jit_compile = values.pop("jit_compile", False)
    model, batches = digits_tuning.prepare(values)
    if jit_compile:
        model.compile(model.generator_optimizer, model.critic_optimizer, jit_compile=True)
        model.make_train_function()
    float(model.train_function(batches)["generator_loss"])
    return model, batches


def turn(model, batches):
    """Milliseconds a step, over some steps."""
    began = time.perf_counter()
    for _ in range(_TURN):
        logs = model.train_function(batches)
    float(logs["generator_loss"])
    return (time.perf_counter() - began) / _TURN * 1e3


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("settings", type=json.loads, help="JSON: {name: {config field: value}}")
    parser.add_argument("--rounds", type=int, default=10)
    arguments = parser.parse_args()
    quiet.import_tensorflow()
    prepared, first = {}, {}
    for name, values in arguments.settings.items():
        began = time.perf_counter()
        prepared[name] = prepare(values)
        first[name] = time.perf_counter() - began
    times = {name: [] for name in prepared}
    for _ in range(arguments.rounds):
        for name, (model, batches) in prepared.items():
            times[name].append(turn(model, batches))
    for name, values in times.items():
        print(
            f"{name}: median {statistics.median(values):.1f} ms, least {min(values):.1f} ms, "
            f"building, tracing and first step {first[name]:.1f} s"
        )


if __name__ == "__main__":
    main()

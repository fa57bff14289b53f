"""Time of a training step in other ways of carrying it out, in turn in one process so that all meet the same load.

    python -m benchmarks.step_variants '{"digits": {}, "toy": {"preset": "toy_8gaussians_small"}}' --variants=xla

Variants, each beside the step as it is:
  xla: XLA compiles the step.
  fakes_at_once: the fakes of all critic updates of a step come from one call of the generator, of the same latents. Not
    for a generator with batch normalisation, which would see n_critic times the samples.

What is measured is time of the processor, which other work on the machine changes less than the clock's: set
TF_NUM_INTRAOP_THREADS=1, or threads that wait for each other count too. Ratios are taken within each turn.
"""

import argparse
import json
import statistics
import time

import numpy as np

from wgangp_tf import quiet, surroundings

_SECONDS = 0.8  # of a turn
VARIANTS = ("plain", "xla", "fakes_at_once")


def at_once(updates):
    """Has a `CriticUpdates` make the fakes of all updates of a step in one call of the generator."""
    import tensorflow as tf

    from wgangp_tf.gan import networks_check
    from wgangp_tf.gan.batches import Batch
    from wgangp_tf.gan.draws import Draws

    model, run, made = updates._model, updates.run, {}
    if networks_check.batch_normalizations(model.generator) or model.classes:
        raise ValueError("expected a generator without batch normalisation and classes")

    def draws_of(number, place, parts):
        return Draws(model.seed, model.step, number, part=place, parts=parts)

    def run_with_all_fakes(parts_of_updates):
        places = [(number, place) for number, parts in enumerate(parts_of_updates) for place in range(len(parts))]
        latents = []
        for number, place in places:
            parts = parts_of_updates[number]
            draws = draws_of(number, place, len(parts))
            latents.append(draws.normal("latents", parts[place].count, [model.latent_dim]))
        fakes = tf.stop_gradient(model.frozen(model.generator, tf.concat(latents, axis=0)))
        made.update(zip(places, tf.split(fakes, len(places)), strict=True))
        return run(parts_of_updates)

    def batches(parts, place, number):
        draws = draws_of(number, place, len(parts))
        return parts[place], model.augmented(Batch(made[number, place]), "augment_fake", draws), draws

    updates.run, updates._batches = run_with_all_fakes, batches


class Variant:
    """The steps of a config in one of the ways.

    Attributes:
      turns: list of seconds of the processor a step.
      weights: of the critic after the first step.
    """

    def __init__(self, given, how):
        import keras
        import tensorflow as tf

        from wgangp_tf.speed.ours import samples_of
        from wgangp_tf.training import build, resolve
        from wgangp_tf.training.stretches import Stretches
        from wgangp_tf.training.summary import Summary

        config = resolve.resolve(given)
        keras.utils.set_random_seed(0)
        self._model = model = build.build(config, config.samples)
        if how == "fakes_at_once":
            at_once(model._critic_updates)
        batches = tf.data.Dataset.from_tensors(samples_of(config)).repeat()
        self._stretches = Stretches(model, Summary(model), batches, jit_compile=how == "xla")
        self._stretches.run(1)
        self.weights = np.concatenate([weight.ravel() for weight in model.critic.get_weights()])
        self._stretches.run(1)
        self.turns = []

    def turn(self):
        began, spent, steps = time.perf_counter(), time.process_time(), 0
        while time.perf_counter() - began < _SECONDS:
            steps += self._stretches.run(100)
        assert self._model.steps_done  # waits for the last
        self.turns.append((time.process_time() - spent) / steps)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("settings", type=json.loads, help="JSON: {name: {flag of train: value}}")
    parser.add_argument("--variants", default=",".join(VARIANTS[1:]), help="with commas between")
    parser.add_argument("--rounds", type=int, default=15)
    options = parser.parse_args()
    surroundings.settle()
    quiet.start()
    for name, given in options.settings.items():
        variants = {how: Variant(given, how) for how in ("plain", *options.variants.split(","))}
        for number in range(options.rounds):
            order = list(variants.values())
            for variant in order[number % len(order) :] + order[: number % len(order)]:
                variant.turn()
        plain = variants["plain"]
        for how, variant in variants.items():
            ratios = sorted(own / other for own, other in zip(variant.turns, plain.turns, strict=True))
            quarter = len(ratios) // 4
            apart = np.abs(variant.weights - plain.weights).max() / np.abs(plain.weights).max()
            print(
                f"{name}, {how}: {1e3 * statistics.median(variant.turns):.2f} ms of the processor a step, "
                f"{statistics.median(ratios):.3f} of plain (half of the turns {ratios[quarter]:.3f} to "
                f"{ratios[-1 - quarter]:.3f}); weights after a step differ by {apart:.0e}",
                flush=True,
            )


if __name__ == "__main__":
    main()

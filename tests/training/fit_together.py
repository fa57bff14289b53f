"""`fit` and `evaluate` in the processes that TF_CONFIG names, as a Keras user writes it; writes what came of it.

    python fit_together.py OUT.npz

A program of its own: a process joins the others once.
"""

import sys

import tensorflow as tf

strategy = tf.distribute.MultiWorkerMirroredStrategy()  # before anything else that TensorFlow does

import keras  # noqa: E402
import numpy as np  # noqa: E402

from tests.gan import tiny  # noqa: E402
from wgangp_tf import WGANGP  # noqa: E402


def main():
    keras.utils.set_random_seed(0)
    with strategy.scope():
        model = WGANGP(tiny.generator(), tiny.critic(), latent_dim=3, n_critic=2)
        model.compile(tiny.sgd(0.05), tiny.sgd(0.05))
    batches = tf.data.Dataset.from_tensor_slices(tiny.points(64)).batch(16, drop_remainder=True)
    options = tf.data.Options()
    options.experimental_distribute.auto_shard_policy = tf.data.experimental.AutoShardPolicy.DATA
    history = model.fit(batches.with_options(options), epochs=2, verbose=0).history
    held_out = model.evaluate(batches.with_options(options), verbose=0, return_dict=True)
    found = {f"weight {number}": weight for number, weight in enumerate(model.get_weights())}
    np.savez(sys.argv[1], steps=model.steps_done, **found, **history, **{f"of {k}": v for k, v in held_out.items()})


if __name__ == "__main__":
    main()

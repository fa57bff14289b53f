"""Trains some steps of every method in this process, or in those that TF_CONFIG names; writes weights and exchanges.

    python each_method.py OUT.npz

A program of its own: a process joins the others once.
"""

import sys

import numpy as np

from wgangp_tf import settings
from wgangp_tf.data import pipeline
from wgangp_tf.data import registry as data_sets
from wgangp_tf.gan import methods
from wgangp_tf.training import resolve, runtime
from wgangp_tf.training.stretches import Stretches
from wgangp_tf.training.summary import Summary

_STEPS = 3


def trained(method, where, source):
    """{name: array} of the weights of both networks after some steps, and the exchanges between processes in a step."""
    import tensorflow as tf

    from wgangp_tf.training import build

    given = {"dataset": "8gaussians", "method": method, "network": "mlp", "width": 8, "latent_dim": 4}
    given |= {"generator_normalization": "none", "critic_normalization": "none", "batch_size": 16, "n_critic": 2}
    # sgd: Adam would hide a loss that is a multiple of what it should be
    given |= {"optimizer": "sgd", "learning_rate": 0.01, "learning_rate_decay": "none", "steps": _STEPS}
    config = resolve.resolve(given)
    with where.strategy.scope():
        model = build.build(config, source.spec)
    here = where.replicas // where.workers.count
    first = here * where.workers.number
    batches = pipeline.training_batches(
        source.train,
        seed=config.seed,
        batch_size=config.optimization.batch_size,
        n_critic=config.optimization.n_critic,
        steps=_STEPS,
        replicas=where.replicas,
        local=range(first, first + here),
    )
    stretches = Stretches(model, Summary(model), batches, workers=where.workers.count)
    done = 0
    while done < _STEPS:
        done += stretches.run(_STEPS - done)
    step = stretches._call.get_concrete_function(stretches._batches, tf.constant(1)).graph
    exchanges = sum("Collective" in operation.type for operation in step.get_operations())
    return {f"{method} exchanges": exchanges} | {
        f"{method} {network} {number}": weight
        for network in ("generator", "critic")
        for number, weight in enumerate(getattr(model, network).get_weights())
    }


def main():
    where = runtime.start(settings.Execution(), seed=0)
    source = data_sets.load(resolve.resolve({"dataset": "8gaussians"}).data, settings.Storage())
    found = {}
    for method in methods.METHODS:
        found |= trained(method, where, source)
    if where.chief:
        np.savez(sys.argv[1], **found)


if __name__ == "__main__":
    main()

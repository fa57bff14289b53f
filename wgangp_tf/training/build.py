"""A config → the model it trains."""

import contextlib

import keras

from wgangp_tf.errors import UserError
from wgangp_tf.gan import networks_check, optimizers
from wgangp_tf.gan.model import GAN
from wgangp_tf.networks import registry as networks
from wgangp_tf.samples.codec import Codec


def build(config, spec):
    """The compiled training model of a config, as it is at step 0.

    Args:
      config: `config.Config`.
      spec: `samples.spec.Spec` of the samples it learns.

    Returns:
      `GAN`.

    Raises:
      UserError: the networks cannot be built or trained together.
    """
    optimization = config.optimization
    keras.utils.set_random_seed(config.seed)  # of the initial weights
    with _computing_in(optimization.precision):
        generator, critic = networks.build(config.model, spec)
    for network in (generator, critic):
        for layer in networks_check.batch_normalizations(network):
            layer.synchronized = optimization.sync_batch_norm
    try:
        model = GAN(
            generator,
            critic,
            latent_dim=config.model.latent_dim,
            method=config.model.method,
            n_critic=optimization.n_critic,
            gp_weight=optimization.gp_weight,
            gp_interval=optimization.gp_interval,
            gp_batch_fraction=optimization.gp_batch_fraction,
            clip_value=optimization.clip_value,
            ema_decay=optimization.ema_decay,
            seed=config.seed,
            generator_batch_size=optimization.generator_batch_size,
            accumulate=optimization.accumulate,
            augment=optimization.augmentations,
            codec=Codec(spec, flip=config.data.flip),
            class_frequencies=_frequencies(spec) if config.model.conditional else None,
        )
    except ValueError as error:
        raise UserError(f"network {config.model.network!r}: {error}") from error
    if model.sample_shape != spec.shape:
        raise UserError(
            f"network {config.model.network!r}: the generator must make samples of shape {spec.shape}. "
            f"Received: {model.sample_shape}"
        )
    critic_rate = optimization.critic_learning_rate or optimization.learning_rate
    model.compile(
        _optimizer(optimization, optimization.learning_rate, model.step),
        _optimizer(optimization, critic_rate, model.step),
    )
    return model


def _frequencies(spec):
    """How frequent each class is; equally, where no data has told."""
    return spec.class_frequencies or [1.0] * len(spec.classes)


@contextlib.contextmanager
def _computing_in(precision):
    """Layers made within compute in this precision, their weights are float32; `precision` is not "auto" any more."""
    before = keras.config.dtype_policy()
    try:
        keras.config.set_dtype_policy(precision)
        yield
    finally:
        keras.config.set_dtype_policy(before)


def _optimizer(optimization, rate, step):
    if optimization.learning_rate_decay == "linear":
        rate = optimizers.LinearToZero(rate, optimization.steps, step)
    return optimizers.make(optimization.optimizer, rate, beta_1=optimization.beta_1, beta_2=optimization.beta_2)

"""The Keras model that trains a generator against a critic."""

import inspect
import types

import keras
import numpy as np
import tensorflow as tf

from wgangp_tf.gan import (
    arguments,
    augmentation,
    batches,
    classes,
    logs,
    methods,
    networks_check,
    noise,
    own_losses,
    precision,
    ranges,
    replicas,
)
from wgangp_tf.gan.as_called import AsCalled
from wgangp_tf.gan.averages import WeightAverages
from wgangp_tf.gan.batches import Batch
from wgangp_tf.gan.critic_updates import CriticUpdates
from wgangp_tf.gan.draws import Draws
from wgangp_tf.gan.held_out import HeldOut
from wgangp_tf.gan.keras_model import KerasModel
from wgangp_tf.gan.objective import Objective
from wgangp_tf.gan.sampled import Sampled
from wgangp_tf.gan.updates import minimise
from wgangp_tf.samples.codec import Codec
from wgangp_tf.samples.spec import of_shape


@keras.saving.register_keras_serializable(package="wgangp_tf")
class GAN(Sampled, HeldOut, AsCalled, KerasModel):
    """A generator and a critic, trained by a method of `methods.METHODS`.

    A step is `n_critic` critic updates, each on real samples and latents of its own, then one generator update
    (Gulrajani et al. 2017, Algorithm 1). `fit` takes batches of n_critic × batch_size real samples: a float32 tensor
    [n_critic × batch_size, *sample], or {"samples": that, "labels": …}; with a codec, samples as they are stored.
    """

    def __init__(
        self,
        generator,
        critic,
        *,
        latent_dim,
        method="wgan-gp",
        n_critic=5,
        gp_weight=10.0,
        clip_value=0.01,
        ema_decay=0.0,
        seed=0,
        generator_batch_size=None,
        accumulate=1,
        gp_interval=1,
        gp_batch_fraction=1.0,
        augment=(),
        codec=None,
        class_frequencies=None,
        name=None,
    ):
        """
        Args:
          generator: built Keras model, float32 [batch, latent_dim] -> [batch, *sample].
          critic: built Keras model, [batch, *sample] -> [batch, 1] scores.
          latent_dim: int, length of a latent vector.
          method: name of a row of `methods.METHODS`.
          n_critic: int, critic updates per generator update, at least 1.
          gp_weight: float, weight of the gradient penalty (λ), at least 0.
          clip_value: float, bound on the critic's weights where the method clips.
          ema_decay: float in [0, 1), decay of the averaged generator weights that samples are drawn from; 0 for none.
          seed: int, of every random draw in training.
          generator_batch_size: int, samples of a generator update over all replicas; None for as many as a critic
            update has, which a method that pairs them with real ones must have.
          accumulate: int, parts that the samples of an update are cut into, one after the other through the networks,
            where all at once do not fit into memory; the same update but for batch normalisation in a network,
            whose statistics are those of a part.
          gp_interval: int that divides n_critic or is a multiple of it: the penalty is part of one critic
            update in so many, with as many times its weight (lazy regularisation, Karras et al. 2020, section 3.1).
          gp_batch_fraction: float in (0, 1], share of an update's samples that the gradient penalty is taken of.
          augment: names of `augmentation.KINDS`, how pictures are changed at random before the critic sees them, real
            and generated ones alike (Zhao et al. 2020).
          codec: `samples.codec.Codec` of stored samples; None for samples that are float32 as the networks see them.
          class_frequencies: for networks that take classes, [latents, labels] and [samples, labels] with int32 labels
            [batch]: one number a class, how frequent it is beside the others; the generator learns to make classes
            that often. The critic may give [scores, logits [batch, classes]]: it then learns to tell the classes apart
            as well, and the generator to make them told apart (AC-GAN). None for networks without classes.

        Raises:
          ValueError: a value is out of range, a network is not built, the networks do not fit each other, or the
            critic normalises over the batch where the method penalises single samples' gradients.
        """
        super().__init__(name=name)
        given = {each: value for each, value in locals().items() if each in _ARGUMENTS}
        latent_dim, seed = arguments.whole("latent_dim", latent_dim), arguments.seed(seed)
        given |= {"latent_dim": latent_dim, "seed": seed}
        given |= networks_check.check_numbers(n_critic, gp_weight, clip_value, generator_batch_size, accumulate)
        given |= networks_check.check_penalty(given["n_critic"], gp_interval, gp_batch_fraction)
        given["ema_decay"] = arguments.number("ema_decay", ema_decay, "in [0, 1)", lambda value: 0 <= value < 1)
        given["augment"] = augmentation.names(augment)
        for each in ("latent_dim", "seed", "n_critic", "gp_weight", "clip_value", "generator_batch_size", "accumulate"):
            setattr(self, each, given[each])
        self.method = methods.find(method)
        self.class_shares = None if class_frequencies is None else classes.shares(class_frequencies)
        self.sample_shape = networks_check.check(
            generator, critic, latent_dim, penalised=bool(self.method.penalties), classes=self.classes
        )
        networks_check.check_pairs(self.method, method, generator_batch_size)
        self.codec = codec or Codec(of_shape(self.sample_shape))
        self._stored_as = "float32" if codec is None else codec.spec.dtype
        augmentation.check(given["augment"], self.codec.spec)
        self.augment = given["augment"]
        self.generator, self.critic = generator, critic
        noise.warn_of_unkeyed(generator, latent_dim, self.classes)
        # values that are scaled, or decoded from pixels, are the codec's business
        self.sample_bounds = ranges.of(generator) if self.codec.spec.scale is None else None
        self._make_parts(given)
        self.built = True
        if class_frequencies is not None:
            given["class_frequencies"] = [float(share) for share in np.asarray(class_frequencies)]
        self._arguments = types.MappingProxyType(given)  # not a dict, which Keras would look for weights in

    def _make_parts(self, given):
        """What is made of the arguments: variables, terms and updates."""
        # steps done; an optimizer's own count is n_critic times that, and skips under loss scaling
        self.step = self.scalar("step")
        # whether the generator's samples were finite when the last step began: tells whose fault a NaN is
        self.fakes_finite = self.scalar("fakes_finite", initializer="ones")
        decay = given["ema_decay"]
        self.averages = WeightAverages(self.generator, decay, self.add_weight) if decay else None
        looked_at = self.critic, self.sample_shape, self.classes
        mixes = not self.method.penalties and networks_check.mixes_samples(*looked_at)
        self.objective = Objective(
            self.method,
            self.gp_weight,
            not mixes,
            given["gp_interval"],
            given["gp_batch_fraction"],
            networks_check.guesses(*looked_at),
        )
        self._critic_updates = CriticUpdates(self)
        self._held_out_means = {name: keras.metrics.Mean(name=name) for name in self.held_out_names}

    @property
    def pieces(self):
        """int, how many equal parts a batch of all replicas is cut into."""
        return self.n_critic * self.accumulate * self.distribute_strategy.num_replicas_in_sync

    @property
    def looped(self):
        """Whether the parts of a batch may go through a loop of the graph: see `in_parts.each`."""
        if replicas.position()[1] == 1:
            return True
        return not (networks_check.may_speak(self.generator, self.critic) or "around_real" in self.objective.places)

    def check_replicas(self, replica_count):
        """Raises a ValueError for what several replicas cannot share."""
        if replica_count > 1:
            self._critic_updates.check_replicas()
        pieces = replica_count * self.accumulate
        if self.generator_batch_size is not None and self.generator_batch_size % pieces:
            raise ValueError(
                f"generator_batch_size must be a multiple of {pieces}: {replica_count} replicas times accumulate. "
                f"Received: generator_batch_size={self.generator_batch_size}, accumulate={self.accumulate}"
            )

    @property
    def classes(self):
        """int, how many classes the networks take; None where they take none."""
        return None if self.class_shares is None else len(self.class_shares)

    def train_step(self, batch):
        """One step; see the class. Returns the values that are logged, float32 []."""
        # a pipeline may end unannounced: without a batch nothing must happen, neither a count nor a moving statistic
        with tf.control_dependencies([part for part in tf.nest.flatten(batch) if part is not None]):
            real = self._decoded(batch, Draws(self.seed, self.step), learnt=True)
            # nor with labels that are refused
            with tf.control_dependencies([part for part in real if part is not None]):
                return self._step(real)

    def _step(self, real):
        parts = batches.critic_parts(real, self.n_critic, self.accumulate)
        of_critic = self._critic_updates.run(parts)
        generator_loss = self._update_generator(parts[-1])
        if self.averages is not None:
            self.averages.update(self.step)
        learning_rate = tf.cast(self.generator_optimizer.learning_rate, tf.float32)
        self.step.assign_add(1)
        values = {"generator_loss": generator_loss, "learning_rate": learning_rate}
        if self._scales:
            left_out = precision.skipped(self.critic_optimizer, self.step * self.n_critic)
            values["skipped_updates"] = left_out + precision.skipped(self.generator_optimizer, self.step)
        return of_critic | values

    def state(self):
        """The variables that make the model what it is, by whose they are: what a checkpoint holds.

        Returns:
          {name: list of Keras variables}.
        """
        return {
            "generator": self.generator.variables,
            "critic": self.critic.variables,
            "generator_optimizer": self.generator_optimizer.variables,
            "critic_optimizer": self.critic_optimizer.variables,
            "averages": self.averages.weights if self.averages else [],
            "step": [self.step],
        } | ({"last_penalty": self._critic_updates.variables} if self._critic_updates.variables else {})

    @property
    def _scales(self):
        """Whether updates may be left out, see `precision.scales`; the same for both networks."""
        return precision.scales(getattr(self, "critic_optimizer", None))

    @property
    def steps_done(self):
        """int, also where the step is a variable of several replicas."""
        return int(tf.convert_to_tensor(self.step.value))

    @property
    def log_names(self):
        """Names of the values that `train_step` returns."""
        return (*logs.names(self.objective), *(["skipped_updates"] if self._scales else []))

    def _update_generator(self, parts):
        """One generator update, beside real samples where the method pairs them; returns its loss."""
        _, replica_count = replicas.position()
        size = self.generator_batch_size

        def loss_of(number, real):
            count = real.count if size is None else size // (replica_count * len(parts))
            draws = Draws(self.seed, self.step, part=number, parts=len(parts))
            latents = draws.normal("generator_latents", count, [self.latent_dim])
            labels = self._generator_labels(draws, count, real)
            fake = Batch(self.generator(self.with_labels(latents, labels), training=True), labels)
            own = own_losses.after(self.generator)
            fake = self.augmented(fake, "generator_augment_fake", draws)
            if self.objective.paired:
                real = self.augmented(real, "generator_augment_real", draws)
            loss = self.objective.generator_loss(self.frozen_critic, real, fake)
            loss = loss if own is None else loss + own
            return loss, loss

        variables = self.generator.trainable_variables
        losses = minimise(self.generator_optimizer, variables, parts, loss_of, self.looped)
        replicas.share_means(self.generator.non_trainable_variables)
        return tf.add_n(losses) / len(losses)

    def _generator_labels(self, draws, count, real):
        """int32 [count], of what the generator is to make in its update; None where there are no classes."""
        if self.class_shares is None:
            return None
        if self.objective.paired:  # each is compared with a real sample: one of its class
            return real.labels
        return classes.drawn(draws.uniform("generator_labels", count), self.class_shares)

    def scalar(self, name, dtype="int64", initializer="zeros"):
        """A new variable [] that all replicas agree on."""
        return self.add_weight(
            name=name,
            shape=(),
            dtype=dtype,
            initializer=initializer,
            trainable=False,
            aggregation="only_first_replica",
        )


@keras.saving.register_keras_serializable(package="wgangp_tf")
class WGANGP(GAN):
    """`GAN` with the two-sided gradient penalty at interpolates (Gulrajani et al. 2017)."""

    def __init__(self, generator, critic, *, latent_dim, n_critic=5, gp_weight=10.0, **keywords):
        super().__init__(
            generator,
            critic,
            latent_dim=latent_dim,
            method="wgan-gp",
            n_critic=n_critic,
            gp_weight=gp_weight,
            **keywords,
        )

    def get_config(self):
        return {name: value for name, value in super().get_config().items() if name != "method"}


# of `GAN`, as its config holds them
_ARGUMENTS = frozenset(inspect.signature(GAN.__init__).parameters) - {"self", "name"}

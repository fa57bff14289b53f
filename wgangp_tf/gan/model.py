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
    replicas,
    sampling,
)
from wgangp_tf.gan.averages import WeightAverages
from wgangp_tf.gan.batches import Batch
from wgangp_tf.gan.critic_updates import CriticUpdates
from wgangp_tf.gan.draws import Draws
from wgangp_tf.gan.keras_model import KerasModel
from wgangp_tf.gan.objective import Objective
from wgangp_tf.gan.updates import minimise
from wgangp_tf.samples.codec import Codec
from wgangp_tf.samples.spec import of_shape


@keras.saving.register_keras_serializable(package="wgangp_tf")
class GAN(KerasModel):
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
            where all at once do not fit into memory; the same update but for batch normalisation in the generator,
            whose statistics are those of a part.
          gp_interval: int that divides n_critic or is a multiple of it: the penalty is part of every so-manieth
            critic update, with as many times its weight (lazy regularisation, Karras et al. 2020, section 3.1).
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

    def call(self, inputs, training=False):
        """Samples of latents or [latents, labels], by the averaged weights where there are some (not in `training`)."""
        if self.averages is None or training:
            return self.generator(inputs, training=training)
        return self.averages.call(inputs)

    def generate(self, n, seed=0, labels=None):
        """Samples by the averaged weights; sample k depends on (seed, k) and on its label alone.

        Args:
          n: int, how many, at least 1.
          seed: int.
          labels: for networks that take classes: int [n], or one int for all; -1 leaves a class open, None all of
            them: they are then drawn by (seed, k), as frequent as `class_frequencies` says.

        Returns:
          float32 array [n, *sample], as the generator gives them.

        Raises:
          ValueError: n or a label is out of range, labels are not n, or the networks take none.
        """
        made = self.generated_chunks(n, seed, labels)
        sampling.check_memory(n, self.sample_shape)
        return np.concatenate(list(made))

    def generated_chunks(self, n, seed=0, labels=None):
        """Yields what `generate` gives, some samples at a time: those of many would not fit into memory at once."""
        n = arguments.whole("n", n, most=sampling.MOST)
        seed = arguments.seed(seed, most=2**31 - 1)
        if labels is not None:
            labels = classes.asked(labels, n, self.classes)
        return sampling.chunks(self.sampler(), n, seed, self.latent_dim, self.class_shares, labels)

    @property
    def classes(self):
        """int, how many classes the networks take; None where they take none."""
        return None if self.class_shares is None else len(self.class_shares)

    def with_labels(self, x, labels):
        """What a network takes of latents or samples [batch, …] and labels [batch]: [x, labels], or x alone."""
        return x if self.class_shares is None else [x, labels]

    def train_step(self, batch):
        """One step; see the class. Returns the values that are logged, float32 []."""
        # a pipeline may end unannounced: without a batch nothing must happen, neither a count nor a moving statistic
        with tf.control_dependencies([part for part in tf.nest.flatten(batch) if part is not None]):
            real = self._decoded(batch, Draws(self.seed, self.step), self.codec.flip)
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

    def test_step(self, batch):
        """Values of the critic on real samples it does not learn from, as means over all samples seen."""
        # the samples seen so far tell the batches of an evaluation apart
        part = tf.cast(self._held_out_means["critic_loss"].count, tf.int32)
        for name, values in self.held_out_values(batch, part).items():
            self._held_out_means[name].update_state(values)
        return {name: mean.result() for name, mean in self._held_out_means.items()}

    def held_out_values(self, batch, part=0, fakes=sampling.CHUNK):
        """What the critic says of real samples it does not learn from; changes nothing.

        The networks run as they do in training, so that only the real samples differ.

        Args:
          batch: n real samples, as `fit` takes them.
          part: int, other latents and interpolates for each.
          fakes: int, least number of fakes made at a time: batch statistics of fewer would be rough.

        Returns:
          {name: float32 [n]}: `wasserstein_estimate`, `critic_loss`, `gradient_penalty`, `classification_loss` where
          the critic guesses classes, `gradient_norm` and the norms of other places that the method penalises.
        """
        draws = Draws(self.seed, part, held_out=True)
        real = self._decoded(batch, draws)
        count = tf.maximum(real.count, fakes)
        latents = draws.normal("latents", count, [self.latent_dim])
        inputs = self.with_labels(latents, batches.labelled_like(real, count))
        fake = Batch(self.frozen(self.generator, inputs)[: real.count], real.labels)
        real, fake = self.augmented(real, "augment_real", draws), self.augmented(fake, "augment_fake", draws)
        terms = self.objective.critic_terms(self.frozen_critic, real, fake, draws)
        norms = terms.norms | self.objective.watched(self.frozen_critic, real, fake, draws)
        penalties = tf.zeros_like(terms.losses) if terms.penalties is None else terms.penalties
        return {
            "wasserstein_estimate": terms.estimates,
            "critic_loss": terms.losses + self.gp_weight * penalties,
            "gradient_penalty": penalties,
            **logs.of_guesses(terms.guesses),
        } | {logs.norm_name(place): values for place, values in norms.items()}

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

    def sampling_weights(self):
        """[(variable of the generator, the one samples are drawn with)]: its average where there is one."""
        averages = self.averages.weights if self.averages is not None else self.generator.weights
        averaged = {id(weight): average for weight, average in zip(self.generator.weights, averages, strict=True)}
        return [(variable, averaged.get(id(variable), variable)) for variable in self.generator.variables]

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

    @property
    def held_out_names(self):
        """Names of the values that `evaluate` returns."""
        return logs.held_out_names(self.objective)

    @property
    def metrics(self):
        return list(self._held_out_means.values())

    def _update_generator(self, parts):
        """One generator update, beside real samples where the method pairs them; returns its loss."""
        _, replica_count = replicas.position()
        size = self.generator_batch_size

        def loss_of(part):
            number, real = part
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
        losses = minimise(self.generator_optimizer, variables, list(enumerate(parts)), loss_of)
        replicas.share_means(self.generator.non_trainable_variables)
        return tf.add_n(losses) / len(losses)

    def _generator_labels(self, draws, count, real):
        """int32 [count], of what the generator is to make in its update; None where there are no classes."""
        if self.class_shares is None:
            return None
        if self.objective.paired:  # each is compared with a real sample: one of its class
            return real.labels
        return classes.drawn(draws.uniform("generator_labels", count), self.class_shares)

    def _decoded(self, batch, draws, flip=False):
        """What `fit` hands over, as a `Batch` of samples as the networks see them."""
        stored = batches.read(batch, self.codec.spec.stored_shape, self._stored_as, self.classes)
        noise = mirrored = None
        if stored.samples.dtype == tf.uint8 and self.codec.spec.encoding == "dequantized":
            noise = draws.uniform("dequantize", stored.count, self.sample_shape)
        if flip:
            mirrored = draws.uniform("flip", stored.count) < 0.5
        return Batch(self.codec.decode(stored.samples, noise, mirrored), stored.labels)

    def clip(self):
        """Clips the critic's weights where the method does."""
        if not self.method.clips:
            return
        for variable in networks_check.clippable_weights(self.critic):
            variable.assign(tf.clip_by_value(variable, -self.clip_value, self.clip_value))

    def augmented(self, batch, what, draws):
        """A `Batch` as the critic is shown it.

        Its scores, gradient norms and penalties are all of such samples: the critic compares the distributions of
        changed real and changed generated samples, and must be Lipschitz where those are. Through the change, the
        gradient of a sample of low contrast would be a smaller one of the same critic.

        Args:
          batch: `Batch` of real or of generated samples.
          what: what the numbers are drawn for, a name of `draws`.
          draws: `draws.Draws`.
        """
        if not self.augment:
            return batch
        numbers = draws.uniform(what, batch.count, [augmentation.NUMBERS])
        return batch._replace(samples=augmentation.augment(batch.samples, numbers, self.augment))

    def training_critic(self, batch):
        """Scores of a `Batch`, as in an update of the critic."""
        return self.critic(self.with_labels(batch.samples, batch.labels), training=True)

    def frozen_critic(self, batch):
        """Scores of a `Batch`, as in training, that change nothing."""
        return self.frozen(self.critic, self.with_labels(batch.samples, batch.labels))

    def frozen(self, network, inputs):
        """The network as in training, the changes of its state dropped."""
        with keras.StatelessScope():  # not `stateless_call`, which needs a network whose `call` takes `training`
            return network(inputs, training=True)

    def sampler(self):
        """The traced function behind `generate`, made once: what a chunk is made from -> samples, see `sampling`."""
        if getattr(self, "_traced_sampler", None) is None:

            def network(latents, labels=None, *, place):
                inputs = self.with_labels(latents, labels)
                return tf.cast(self._drawn(inputs, noise.keyed(noise.states(self.generator), *place)), tf.float32)

            def sample(*inputs, place):
                seed, chunk, _ = place
                return sampling.of_chunk(network, inputs, self.sample_shape, seed, chunk)

            self._traced_sampler = tf.function(sample, autograph=False)
        return self._traced_sampler

    def _drawn(self, inputs, keys):
        """What `call` gives, with the noise of the generator's own by keys."""
        if self.averages is not None:
            return self.averages.call(inputs, keys)
        with keras.StatelessScope(keys):
            return self.generator(inputs, training=False)

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

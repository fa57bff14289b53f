"""The Keras model that trains a generator against a critic."""

import keras
import tensorflow as tf

from wgangp_tf import randomness
from wgangp_tf.gan import batches, methods, networks_check, optimizers, replicas, sampling
from wgangp_tf.gan.averages import WeightAverages
from wgangp_tf.gan.losses import LOSSES
from wgangp_tf.gan.penalties import PENALTIES, gradient_norms, interpolate
from wgangp_tf.randomness import Use


class GAN(keras.Model):
    """A generator and a critic, trained by a method of `methods.METHODS`.

    A step is `n_critic` critic updates, each on real samples and latents of its own, then one generator update
    (Gulrajani et al. 2017, Algorithm 1). `fit` takes batches of n_critic × batch_size real samples: a float32 tensor
    [n_critic × batch_size, *sample], or {"samples": that, "labels": …}.
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

        Raises:
          ValueError: a value is out of range, a network is not built, the networks do not fit each other, or the
            critic normalises over the batch where the method penalises single samples' gradients.
        """
        super().__init__(name=name)
        self.method = methods.find(method)
        penalised = self.method.penalty is not None
        self.sample_shape = networks_check.check(generator, critic, latent_dim, penalised=penalised)
        _check_at_least("n_critic", n_critic, 1)
        _check_at_least("gp_weight", gp_weight, 0)
        _check_at_least("clip_value", clip_value, 0)
        if not 0 <= ema_decay < 1:
            raise ValueError(f"ema_decay must be in [0, 1). Received: ema_decay={ema_decay}")
        self.generator = generator
        self.critic = critic
        self.latent_dim = latent_dim
        self.n_critic = n_critic
        self.gp_weight = gp_weight
        self.clip_value = clip_value
        self.seed = seed
        # steps done; an optimizer's own count is n_critic times that, and skips under loss scaling
        self.step = self._counter("step", "zeros")
        # whether the generator's samples were finite when the last step began: tells whose fault a NaN is
        self._fakes_finite = self._counter("fakes_finite", "ones")
        self.averages = WeightAverages(generator, ema_decay, self.add_weight) if ema_decay else None
        self._critic_losses, self._generator_losses = LOSSES[self.method.loss]
        self._mixes_samples = not penalised and networks_check.mixes_samples(critic, self.sample_shape)
        self._clipped = networks_check.clippable_weights(critic) if self.method.clips else []
        self._held_out_means = {name: keras.metrics.Mean(name=name) for name in _HELD_OUT_VALUES}
        self.built = True

    def compile(self, generator_optimizer=None, critic_optimizer=None, **keywords):
        """
        Args:
          generator_optimizer, critic_optimizer: Keras optimizers; None for the method's own (WGAN-GP: Adam, 1e-4, betas
            0 and 0.9).
          **keywords: `run_eagerly`, `jit_compile`, `steps_per_execution`, as in `keras.Model.compile`.

        Raises:
          ValueError: a keyword that Keras cannot carry out over several replicas.
        """
        if self.distribute_strategy.num_replicas_in_sync > 1:
            _check_over_replicas(keywords)
        # without optimizer=None Keras makes an RMSprop of its own, which nothing here would use
        super().compile(optimizer=None, **{"jit_compile": False} | keywords)
        with self.distribute_strategy.scope():
            self.generator_optimizer = generator_optimizer or self._default_optimizer()
            self.critic_optimizer = critic_optimizer or self._default_optimizer()
            self.generator_optimizer.build(self.generator.trainable_variables)
            self.critic_optimizer.build(self.critic.trainable_variables)

    def fit(self, x=None, *arguments, **keywords):
        """As `keras.Model.fit`; a `tf.data.Dataset` comes in its own order."""
        if isinstance(x, tf.data.Dataset) and not arguments:
            keywords.setdefault("shuffle", False)  # Keras warns of its own default
        return super().fit(x, *arguments, **keywords)

    def call(self, latents, training=False):
        """Samples from latents, by the averaged weights where there are some (unless `training`)."""
        if self.averages is None or training:
            return self.generator(latents, training=training)
        return self.averages.call(latents)

    def generate(self, n, seed=0):
        """Samples by the averaged weights; sample k depends on (seed, k) alone.

        Args:
          n: int, how many, at least 1.
          seed: int.

        Returns:
          float32 array [n, *sample], as the generator gives them.
        """
        _check_at_least("n", n, 1)
        return sampling.generate(self._sampler(), n, seed, self.latent_dim)

    def train_step(self, batch):
        """One step; see the class. Returns the values that are logged, float32 []."""
        # a pipeline may end unannounced: without a batch nothing must happen, neither a count nor a moving statistic
        with tf.control_dependencies(tf.nest.flatten(batch)):
            return self._step(batch)

    def _step(self, batch):
        real = batches.real_samples(batch)
        updates = []
        for update, part in enumerate(batches.critic_parts(real, self.n_critic)):
            updates.append(self._update_critic(part, update, last=update == self.n_critic - 1))
        batch_size = tf.shape(real)[0] // self.n_critic
        generator_loss = self._update_generator(batch_size)
        if self.averages is not None:
            self.averages.update(self.step)
        logs = _critic_logs(updates) | {"generator_loss": generator_loss}
        logs["learning_rate"] = tf.cast(self.generator_optimizer.learning_rate, tf.float32)
        self.step.assign_add(1)
        return logs

    def test_step(self, batch):
        """Values of the critic on real samples it does not learn from, as means over all samples seen."""
        # the samples seen so far tell the batches of an evaluation apart
        part = tf.cast(self._held_out_means["critic_loss"].count, tf.int32)
        for name, values in self.held_out_values(batches.real_samples(batch), part).items():
            self._held_out_means[name].update_state(values)
        return {name: mean.result() for name, mean in self._held_out_means.items()}

    def held_out_values(self, real, part=0):
        """What the critic says of real samples it does not learn from; changes nothing.

        The networks run as they do in training, so that only the real samples differ.

        Args:
          real: float32 [n, *sample].
          part: int, other latents and interpolates for each.

        Returns:
          {name: float32 [n]}: `wasserstein_estimate`, `critic_loss`, `gradient_penalty`, `gradient_norm`.
        """
        count = tf.shape(real)[0]
        replica, _ = replicas.position()
        # never fewer than a chunk of fakes at a time: their batch statistics would be rough
        latents = self._latents(tf.maximum(count, sampling.CHUNK), Use.VALIDATION, part, 0, replica)
        fake = self._frozen(self.generator, latents)[:count]
        real_scores, fake_scores = self._scores(real, fake, lambda x: self._frozen(self.critic, x))
        epsilon = randomness.uniform([count], randomness.key(self.seed, Use.VALIDATION, part, 1, replica))
        points = interpolate(real, fake, epsilon=epsilon)
        norms = gradient_norms(lambda x: self._frozen(self.critic, x), points)
        penalties = self._penalties(norms)
        return {
            "wasserstein_estimate": real_scores - fake_scores,
            "critic_loss": self._critic_losses(real_scores, fake_scores) + self.gp_weight * penalties,
            "gradient_penalty": penalties,
            "gradient_norm": norms,
        }

    @property
    def steps_done(self):
        """int, also where the step is a variable of several replicas."""
        return int(tf.convert_to_tensor(self.step.value))

    @property
    def fakes_were_finite(self):
        """bool, whether the generator's samples were finite when the last step began."""
        return bool(tf.convert_to_tensor(self._fakes_finite.value))

    @property
    def metrics(self):
        return list(self._held_out_means.values())

    def _maybe_symbolic_build(self, iterator=None, data_batch=None):
        """Nothing: both networks are built. Keras' own fails where replicas get different numbers of samples."""

    def _update_critic(self, real, update, last):
        """One critic update; returns what it saw, {name: float32 [] or [batch]}."""
        replica, replica_count = replicas.position()
        latents = self._latents(tf.shape(real)[0], Use.CRITIC_LATENTS, self.step, update, replica)
        # outside the tape, and without its state: the generator learns nothing here, its moving statistics included
        fake = tf.stop_gradient(self._frozen(self.generator, latents))
        if update == 0:
            self._fakes_finite.assign(tf.cast(tf.reduce_all(tf.math.is_finite(tf.cast(fake, tf.float32))), tf.int64))
        seed = randomness.key(self.seed, Use.INTERPOLATION, self.step, update, replica)
        points = interpolate(real, fake, seed=seed)
        critic = self._training_critic
        norms = None
        with tf.GradientTape() as tape:
            real_scores, fake_scores = self._scores(real, fake, critic)
            loss = tf.reduce_mean(self._critic_losses(real_scores, fake_scores))
            penalty = tf.zeros([])
            if self.method.penalty is not None:
                norms = gradient_norms(critic, points)
                penalty = tf.reduce_mean(self._penalties(norms))
                loss += self.gp_weight * penalty
            # Keras sums gradients over replicas: each contributes its share of the mean
            scaled = self.critic_optimizer.scale_loss(loss / replica_count)
        variables = self.critic.trainable_variables
        self.critic_optimizer.apply(tape.gradient(scaled, variables), variables)
        for variable in self._clipped:
            variable.assign(tf.clip_by_value(variable, -self.clip_value, self.clip_value))
        if norms is None and last:  # not part of the loss: measured once a step, of the critic the generator will see
            norms = gradient_norms(lambda x: self._frozen(self.critic, x), points)
        return {
            "critic_loss": loss,
            "wasserstein_estimate": tf.reduce_mean(real_scores) - tf.reduce_mean(fake_scores),
            "gradient_penalty": penalty,
            "norms": norms,
        }

    def _update_generator(self, batch_size):
        """One generator update; returns its loss."""
        replica, replica_count = replicas.position()
        latents = self._latents(batch_size, Use.GENERATOR_LATENTS, self.step, 0, replica)
        with tf.GradientTape() as tape:
            fake = self.generator(latents, training=True)
            scores = _flat(self._frozen(self.critic, fake))
            loss = tf.reduce_mean(self._generator_losses(scores))
            scaled = self.generator_optimizer.scale_loss(loss / replica_count)
        variables = self.generator.trainable_variables
        self.generator_optimizer.apply(tape.gradient(scaled, variables), variables)
        return loss

    def _scores(self, real, fake, critic):
        """Scores [batch] of real and of fake, in one pass unless the critic's normalisation would mix the two."""
        fake = tf.cast(fake, real.dtype)
        if self._mixes_samples:
            return _flat(critic(real)), _flat(critic(fake))
        scores = _flat(critic(tf.concat([real, fake], axis=0)))
        count = tf.shape(real)[0]
        return scores[:count], scores[count:]

    def _training_critic(self, samples):
        return self.critic(samples, training=True)

    def _frozen(self, network, inputs):
        """The network as in training, the changes of its state dropped."""
        with keras.StatelessScope():  # not `stateless_call`, which needs a network whose `call` takes `training`
            return network(inputs, training=True)

    def _penalties(self, norms):
        if self.method.penalty is None:
            return tf.zeros_like(norms)
        return PENALTIES[self.method.penalty](norms)

    def _latents(self, count, use, *counters):
        return randomness.normal([count, self.latent_dim], randomness.key(self.seed, use, *counters))

    def _sampler(self):
        """The traced function behind `generate`, made once."""
        if getattr(self, "_traced_sampler", None) is None:
            self._traced_sampler = tf.function(lambda latents: self(latents, training=False), autograph=False)
        return self._traced_sampler

    def _counter(self, name, initializer):
        """An int64 variable that all replicas agree on."""
        return self.add_weight(
            name=name,
            shape=(),
            dtype="int64",
            initializer=initializer,
            trainable=False,
            aggregation="only_first_replica",
        )

    def _default_optimizer(self):
        defaults = self.method.defaults
        return optimizers.make(defaults.get("optimizer", "adam"), defaults.get("learning_rate", 1e-4))


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


_HELD_OUT_VALUES = ("wasserstein_estimate", "critic_loss", "gradient_penalty", "gradient_norm")


def _critic_logs(updates):
    """Means over the critic updates of a step; the norms also over replicas, where they were measured."""
    logs = {
        name: tf.add_n([update[name] for update in updates]) / len(updates)
        for name in ("critic_loss", "wasserstein_estimate", "gradient_penalty")
    }
    norms = tf.concat([update["norms"] for update in updates if update["norms"] is not None], axis=0)
    norms = replicas.gathered(norms)
    return logs | {
        "gradient_norm": tf.reduce_mean(norms),
        "gradient_norm_min": tf.reduce_min(norms),
        "gradient_norm_max": tf.reduce_max(norms),
    }


def _check_over_replicas(keywords):
    """Raises a ValueError for what Keras fails at, obscurely, over several replicas."""
    for keyword in ("run_eagerly", "jit_compile"):
        if keywords.get(keyword) is True:
            raise ValueError(f"{keyword} must be off over several replicas. Received: {keyword}=True")
    steps = keywords.get("steps_per_execution", 1)
    if steps > 1:
        raise ValueError(f"steps_per_execution must be 1 over several replicas. Received: steps_per_execution={steps}")


def _flat(scores):
    return tf.reshape(tf.cast(scores, tf.float32), [-1])


def _check_at_least(name, value, least):
    if not value >= least:
        raise ValueError(f"{name} must be at least {least}. Received: {name}={value}")

"""`compile` of a model of two networks, and what Keras asks of it: its optimizer, and its config."""

import keras

from wgangp_tf.gan import both_optimizers, optimizers, precision, replicas

# keywords of `keras.Model.compile` that say what a loss is, which the method does here
_OF_OTHERS = ("optimizer", "loss", "loss_weights", "metrics", "weighted_metrics")
_COMPILED = ("jit_compile", "run_eagerly", "steps_per_execution", "auto_scale_loss")


class Compiled:
    """A part of `keras_model.KerasModel`; stands before `keras.Model` among its bases."""

    _both = None

    def compile(self, generator_optimizer=None, critic_optimizer=None, **keywords):
        """
        Args:
          generator_optimizer, critic_optimizer: Keras optimizers, or their names or configs as Keras takes them; None
            for the method's own (WGAN-GP: Adam, 1e-4, betas 0 and 0.9), by its row in `methods.METHODS`.
          **keywords: `run_eagerly`, `jit_compile`, `steps_per_execution`, `auto_scale_loss`, as in
            `keras.Model.compile`.

        Raises:
          ValueError: a keyword that Keras cannot carry out over several replicas, or that has no meaning here; an
            optimizer that cannot be one; a generator_batch_size that does not divide among the replicas.
        """
        self._check_scope()
        self._check_keywords(keywords)
        scaled = keywords.pop("auto_scale_loss", True)
        with self.distribute_strategy.scope():  # what is made here has variables of the strategy
            found = both_optimizers.of(generator_optimizer, critic_optimizer, self._default_optimizer)
        # without optimizer=None Keras makes an RMSprop of its own, which nothing here would use; and it would scale the
        # losses of those of an earlier compile
        super().compile(optimizer=None, auto_scale_loss=False, **{"jit_compile": False} | keywords)
        with self.distribute_strategy.scope():
            # the generator's gradient goes through the critic
            networks = (self.generator, self.critic)
            if scaled:
                found = [precision.scaled(optimizer, networks) for optimizer in found]
            self.generator_optimizer, self.critic_optimizer = found
            self.generator_optimizer.build(self.generator.trainable_variables)
            self.critic_optimizer.build(self.critic.trainable_variables)
        self._both = both_optimizers.BothOptimizers(*found)
        self.remember_trained()
        self._compiled_with = {"jit_compile": False} | keywords | ({} if scaled else {"auto_scale_loss": False})

    def _check_keywords(self, keywords):
        for name, value in keywords.items():
            if name in _OF_OTHERS:
                instead = (
                    "compile(generator_optimizer, critic_optimizer) takes two"
                    if name == "optimizer"
                    else "the method says what is learned, and what is logged"
                )
                if value is not None:
                    raise ValueError(f"compile has no {name} for a GAN: {instead}. Received: {name}={value!r}")
            elif name not in _COMPILED:
                known = ", ".join(("generator_optimizer", "critic_optimizer", *_COMPILED))
                raise ValueError(f"compile takes {known}. Received: {name}={value!r}")
        for name in _OF_OTHERS:
            keywords.pop(name, None)
        replica_count = self.distribute_strategy.num_replicas_in_sync
        if replica_count > 1:
            replicas.check_keywords(keywords)
        self.check_replicas(replica_count)

    def _default_optimizer(self):
        own = {"optimizer": "adam", "learning_rate": 1e-4} | dict(self.method.defaults)
        betas = {name: own[name] for name in ("beta_1", "beta_2") if name in own}
        return optimizers.make(own["optimizer"], own["learning_rate"], **betas)

    @property
    def optimizer(self):
        """`BothOptimizers`: a learning rate that is set here goes to both; None before `compile`."""
        return self._both

    @optimizer.setter
    def optimizer(self, value):
        if value is not None:
            raise AttributeError("a GAN has two optimizers: compile(generator_optimizer, critic_optimizer)")

    def get_compile_config(self):
        """The optimizers and keywords of `compile`, {} before it."""
        if not self.compiled:
            return {}
        both = {"generator_optimizer": self.generator_optimizer, "critic_optimizer": self.critic_optimizer}
        return {name: keras.saving.serialize_keras_object(each) for name, each in both.items()} | self._compiled_with

    def compile_from_config(self, config):
        """Compiles as `get_compile_config` says."""
        with self.distribute_strategy.scope():
            values = {name: keras.saving.deserialize_keras_object(value) for name, value in config.items()}
        self.compile(**values)

"""A WGAN-GP as a Keras user writes it: layers in sequence, `train_step`, `fit`. Measured by `python main.py benchmark`.

It imports nothing of this project. Three passes of the critic in one tape, as in Algorithm 1 of the paper, with fresh
samples, latents and interpolates for each critic update.
"""

import math

import keras
import numpy as np
import tensorflow as tf
from keras import layers

from benchmarks.operations_of_keras import forward_operations


def _norm(name, rank):
    """A layer of normalisation by name, as a list of layers."""
    kinds = {
        "none": list,
        "batch": lambda: [layers.BatchNormalization(momentum=0.9, epsilon=1e-5)],
        "layer": lambda: [
            layers.LayerNormalization(epsilon=1e-5) if rank == 1 else layers.GroupNormalization(groups=1, epsilon=1e-5)
        ],
        "instance": lambda: [layers.GroupNormalization(groups=-1, epsilon=1e-5)],
    }
    return kinds[name]()


def _dense(task):
    """(generator, critic): dense layers with ReLU."""
    shape, width = tuple(task["shape"]), task["width"]
    generator = [keras.Input((task["latent_dim"],))]
    critic = [keras.Input(shape), layers.Flatten()]
    for parts, norm in ((generator, task["generator_normalization"]), (critic, task["critic_normalization"])):
        for _ in range(task["depth"]):
            parts += [layers.Dense(width), *_norm(norm, 1), layers.ReLU()]
    ending = "tanh" if task["pictures"] else None
    generator += [layers.Dense(math.prod(shape)), layers.Activation(ending, dtype="float32"), layers.Reshape(shape)]
    critic += [layers.Dense(1, dtype="float32")]
    return keras.Sequential(generator), keras.Sequential(critic)


def _dcgan(task):
    """(generator, critic): strided convolutions."""
    *size, channels = task["shape"]
    width, kernel, bias = task["width"], task["kernel"], task["bias"]
    halvings = 0
    while min(size) // 2**halvings > 4:
        halvings += 1
    depths = [width * min(2**level, 8) for level in range(halvings)]
    least = [side // 2**halvings for side in size]
    generator = [
        keras.Input((task["latent_dim"],)),
        layers.Dense(math.prod(least) * depths[-1], use_bias=bias),
        layers.Reshape((*least, depths[-1])),
    ]
    norm = task["generator_normalization"]
    for depth in [*reversed(depths[:-1]), channels]:
        generator += [*_norm(norm, 3), layers.ReLU()]
        generator += [layers.Conv2DTranspose(depth, kernel, strides=2, padding="same", use_bias=bias)]
    critic = [keras.Input(task["shape"])]
    for level, depth in enumerate(depths):
        critic += [layers.Conv2D(depth, kernel, strides=2, padding="same", use_bias=bias)]
        critic += [*(_norm(task["critic_normalization"], 3) if level else []), layers.LeakyReLU(0.2)]
    generator += [layers.Activation("tanh", dtype="float32")]
    critic += [layers.Flatten(), layers.Dense(1, use_bias=bias, dtype="float32")]
    return keras.Sequential(generator), keras.Sequential(critic)


def _resnet(task):
    """(generator, critic): the paper's ResNet for 32x32, its shortcuts convolved where the maps are small."""
    *size, channels = task["shape"]
    width, norms = task["width"], (task["generator_normalization"], task["critic_normalization"])

    def convolved(x, kernel=3):
        return layers.Conv2D(width, kernel, padding="same")(x)

    def activated(x, norm):
        for layer in (*_norm(norm, 3), layers.ReLU()):
            x = layer(x)
        return x

    def up(x):
        shortcut = layers.UpSampling2D(2)(convolved(x, 1))
        x = convolved(layers.UpSampling2D(2)(activated(x, norms[0])))
        return layers.Add()([shortcut, convolved(activated(x, norms[0]))])

    def down(x, first):
        shortcut = convolved(layers.AveragePooling2D(2)(x), 1)
        x = convolved(x if first else activated(x, norms[1]))
        x = layers.ReLU()(x) if first else activated(x, norms[1])
        return layers.Add()([shortcut, layers.AveragePooling2D(2)(convolved(x))])

    def same(x):
        y = convolved(activated(convolved(activated(x, norms[1])), norms[1]))
        return layers.Add()([x, y])

    least = [side // 8 for side in size]
    z = keras.Input((task["latent_dim"],))
    x = layers.Reshape((*least, width))(layers.Dense(math.prod(least) * width)(z))
    for _ in range(3):
        x = up(x)
    x = layers.Conv2D(channels, 3, padding="same")(activated(x, norms[0]))
    generator = keras.Model(z, layers.Activation("tanh", dtype="float32")(x))
    samples = keras.Input(task["shape"])
    x = same(same(down(down(samples, True), False)))
    x = layers.GlobalAveragePooling2D()(layers.ReLU()(x))
    return generator, keras.Model(samples, layers.Dense(1, dtype="float32")(x))


NETWORKS = {"mlp": _dense, "dcgan": _dcgan, "cifar10_resnet": _resnet}


class WGANGP(keras.Model):
    """The textbook's model; `fit` takes batches of n_critic times as many real samples as an update has."""

    def __init__(self, generator, critic, task):
        super().__init__()
        self.generator, self.critic = generator, critic
        self.latent_dim, self.n_critic, self.gp_weight = task["latent_dim"], task["n_critic"], task["gp_weight"]
        self.generator_batch_size = task["generator_batch_size"]

    def compile(self, generator_optimizer, critic_optimizer, **keywords):
        super().compile(**keywords)
        self.generator_optimizer, self.critic_optimizer = generator_optimizer, critic_optimizer

    def gradient_penalty(self, real, fake):
        share = tf.random.uniform([real.shape[0]] + [1] * (len(real.shape) - 1))
        between = share * real + (1 - share) * fake
        with tf.GradientTape() as tape:
            tape.watch(between)
            scores = self.critic(between, training=True)
        slopes = tape.gradient(scores, between)
        norms = tf.sqrt(tf.reduce_sum(tf.square(slopes), axis=range(1, len(real.shape))) + 1e-12)
        return tf.reduce_mean(tf.square(norms - 1.0))

    def train_step(self, batch):
        for real in tf.split(batch, self.n_critic):
            latents = tf.random.normal([real.shape[0], self.latent_dim])
            with tf.GradientTape() as tape:
                fake = self.generator(latents, training=True)
                fake_scores, real_scores = self.critic(fake, training=True), self.critic(real, training=True)
                loss = tf.reduce_mean(fake_scores) - tf.reduce_mean(real_scores)
                loss += self.gp_weight * self.gradient_penalty(real, fake)
                scaled = self.critic_optimizer.scale_loss(loss)
            weights = self.critic.trainable_variables
            self.critic_optimizer.apply(tape.gradient(scaled, weights), weights)
        latents = tf.random.normal([self.generator_batch_size, self.latent_dim])
        with tf.GradientTape() as tape:
            generator_loss = -tf.reduce_mean(self.critic(self.generator(latents, training=True), training=True))
            scaled = self.generator_optimizer.scale_loss(generator_loss)
        weights = self.generator.trainable_variables
        self.generator_optimizer.apply(tape.gradient(scaled, weights), weights)
        return {"critic_loss": loss, "generator_loss": generator_loss}


class _EachBatch(keras.callbacks.Callback):
    """Tells that a step is done."""

    async_safe = True  # so that Keras does not read every log for its sake

    def __init__(self, done):
        super().__init__()
        self._done = done

    def on_train_batch_end(self, batch, logs=None):
        del batch, logs
        self._done()


class Step:
    """What is measured, see `wgangp_tf/speed/worker.py`."""

    operations = None

    def __init__(self, task):
        keras.config.set_dtype_policy(task["precision"])
        generator, critic = NETWORKS[task["network"]](task)
        self.parameters = [network.count_params() for network in (generator, critic)]
        self.forward = [forward_operations(network) for network in (generator, critic)]
        self._model = WGANGP(generator, critic, task)
        adams = []
        for rate in (task["learning_rate"], task["critic_learning_rate"]):
            adam = keras.optimizers.Adam(rate, beta_1=task["beta_1"], beta_2=task["beta_2"])
            adams.append(keras.optimizers.LossScaleOptimizer(adam) if task["precision"] == "mixed_float16" else adam)
        self._model.compile(*adams, jit_compile=task["xla"])
        shape = [task["n_critic"] * task["batch_size"], *task["shape"]]
        self._samples = np.random.default_rng(0).uniform(-1, 1, shape).astype("float32")

    def train(self, done):
        """Trains without end; calls `done` after each step."""
        data = tf.data.Dataset.from_tensors(self._samples).repeat().prefetch(tf.data.AUTOTUNE)
        self._model.fit(data, steps_per_epoch=2**31 - 1, verbose=0, shuffle=False, callbacks=[_EachBatch(done)])

    def wait(self):
        """Waits for the device."""
        return int(self._model.critic_optimizer.iterations)

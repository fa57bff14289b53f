"""Our training step, as `train` runs it, on samples that are always at hand."""

import tensorflow as tf

from wgangp_tf import settings
from wgangp_tf.networks import registry as networks
from wgangp_tf.speed import works
from wgangp_tf.training import build, cost, operations, runtime
from wgangp_tf.training.stretches import Stretches
from wgangp_tf.training.summary import Summary


class Step:
    """See `worker`: built, not traced.

    Attributes:
      config: `config.Config`.
      parameters, forward: of the generator and the critic: numbers they have, operations for a sample.
      operations: of a step; see `operations.of_config`.
    """

    def __init__(self, task):
        """
        Args:
          task: dict: `name` and `changed` of the work, `replicas`.
        """
        if task["replicas"] > 1:
            (processor,) = tf.config.list_physical_devices("CPU")
            logical = [tf.config.LogicalDeviceConfiguration()] * task["replicas"]
            tf.config.set_logical_device_configuration(processor, logical)
        config = self.config = works.find(task["name"], **task["changed"]).config
        strategy = "mirrored" if task["replicas"] > 1 else "one"
        self._runtime = runtime.start(settings.Execution(strategy=strategy), config.seed, networks.narrow(config.model))
        with self._runtime.strategy.scope():
            model = build.build(config, config.samples)
            self._summary = Summary(model)
        passes = operations.of_network(model.generator), operations.of_network(model.critic)
        self.operations = operations.of_config(config, *passes)
        self.parameters = [network.count_params() for network in (model.generator, model.critic)]
        self.forward = [part.forward for part in passes]
        self._model = model

    def train(self, done):
        """Trains without end; calls `done` with how many steps there were more."""
        stretches = Stretches(self._model, self._summary, self.batches(), jit_compile=self._runtime.jit_compile)
        most = 1
        while True:
            most = done(stretches.run(most))

    def batches(self):
        """tf.data.Dataset, a batch a step, without end."""
        return tf.data.Dataset.from_tensors(samples_of(self.config)).repeat()

    def wait(self):
        """Waits for the device."""
        return self._model.steps_done


def samples_of(config):
    """Random numbers in the place of the real samples of a step, as they are stored, with labels where it has some."""
    spec, optimization = config.samples, config.optimization
    classes = len(spec.classes) if config.model.conditional else 0
    return cost.random_batch(spec, optimization.n_critic * optimization.batch_size, classes)

"""From the start of Python to the end of the first step of a training, as `train` goes there, data included."""

import time

from wgangp_tf import settings
from wgangp_tf.data import pipeline
from wgangp_tf.data import registry as data_sets
from wgangp_tf.speed import ours


class Start(ours.Step):
    """As `ours.Step`, on the real data.

    Attributes:
      marks: {what: seconds} of parts of the building.
    """

    def __init__(self, task):
        super().__init__(task)
        began = time.time()
        self._source = data_sets.load(self.config.data, settings.Storage())
        self.marks = {"data": time.time() - began}

    def batches(self):
        optimization = self.config.optimization
        return pipeline.training_batches(
            self._source.train,
            seed=self.config.seed,
            batch_size=optimization.batch_size,
            n_critic=optimization.n_critic,
            steps=optimization.steps,
        )

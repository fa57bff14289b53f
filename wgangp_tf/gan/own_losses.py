"""What a network adds to its own loss: regularisers of its weights and activities, and `add_loss` of its layers.

The penalty of a method is the method's. These are the network's: they are added as they are, without a weight, to the
loss of the network that has them, and never to the other's.
"""

import tensorflow as tf


def after(network):
    """The sum of what a network adds for the call that was just made, float32 []; None where it adds nothing."""
    own = [tf.reduce_sum(tf.cast(loss, tf.float32)) for loss in network.losses]
    return tf.add_n(own) if own else None


class Collected:
    """A callable that keeps what the network behind it adds in its first calls."""

    def __init__(self, function, network, calls):
        """
        Args:
          function: callable of one argument, which calls the network once.
          network: Keras model.
          calls: int, how many calls count: those of a penalty do not, whose samples are no samples.
        """
        self._function, self._network, self._calls, self._own = function, network, calls, []

    def __call__(self, batch):
        output = self._function(batch)
        if len(self._own) < self._calls:
            self._own.append(after(self._network))
        return output

    def added_to(self, loss):
        """The loss, and the mean over the calls of what the network adds."""
        own = [each for each in self._own if each is not None]
        return loss + tf.add_n(own) / len(own) if own else loss

"""The processes that train together, and what they tell each other.

The first is the chief: it alone locks, names and writes the run directory. Before each step all say whether they can go
on, so that a signal, a failure or the end of the time that one of them meets is met by all at the same step.
"""

import contextlib
import json
import os
import signal
import threading

from wgangp_tf.errors import UserError
from wgangp_tf.training.reasons import of_the_others, reason_of

# what a process says before a step; the greatest holds for all. STOP plus a signal's number tells why
GO, STOP, FAILED = 0, 1, 1000
_MESSAGE = 16_384  # bytes at most


def connect(cluster):
    """The strategy of a cluster whose processes have met.

    It must be made before TensorFlow's first operation.

    Raises:
      UserError: TensorFlow cannot join them.
    """
    os.environ["TF_CONFIG"] = cluster.environment()
    import tensorflow as tf

    try:
        with _ended_by_interrupt():
            return tf.distribute.MultiWorkerMirroredStrategy()
    except (tf.errors.OpError, RuntimeError) as error:
        reason = str(getattr(error, "message", None) or error).strip().partition("\n")[0]
        raise UserError(f"the {cluster.count} workers did not come together: {reason}") from error


@contextlib.contextmanager
def _ended_by_interrupt():
    """Lets Ctrl-C end the process at once: TensorFlow waits without Python, and nothing is begun yet.

    SIGTERM it takes for itself.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGINT, signal.SIG_DFL)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


class Gone(UserError):
    """Another process is not there any more."""


class Broken(UserError):
    """This process cannot do its part of a step, in which the others wait for it; they learn it from its end."""


class Workers:
    """What the processes of a training tell each other; alone, each call says what it was given."""

    def __init__(self, strategy, cluster=None):
        """
        Args:
          strategy: tf.distribute strategy.
          cluster: `cluster.Cluster`, or None for a process by itself.
        """
        self._strategy, self._cluster = strategy, cluster
        self._greatest = None

    @property
    def count(self):
        return 1 if self._cluster is None else self._cluster.count

    @property
    def number(self):
        return 0 if self._cluster is None else self._cluster.number

    @property
    def chief(self):
        return self.number == 0

    @contextlib.contextmanager
    def explained(self):
        """Turns what TensorFlow says where another process is gone into a line; in what all processes do together.

        Raises:
          Gone: another process is not there any more, or cannot do its part.
          Broken: it is this one that cannot.
        """
        import tensorflow as tf

        try:
            yield
        except tf.errors.OpError as error:
            if self.count == 1 or isinstance(error, (tf.errors.OutOfRangeError, tf.errors.ResourceExhaustedError)):
                raise
            if of_the_others(error):
                raise Gone(f"training stopped: another worker is gone ({reason_of(error)})") from error
            raise Broken(f"training stopped: {reason_of(error)}") from error

    def agree(self, code):
        """The greatest of the codes of all processes, each of which says one before each step."""
        if self.count == 1:
            return code
        import tensorflow as tf

        if self._greatest is None:
            from wgangp_tf.gan import replicas

            def of_replica(code):
                return tf.reduce_max(replicas.gathered([tf.reshape(code, [1])])[0])

            def of_all(code):
                return self._strategy.experimental_local_results(self._strategy.run(of_replica, args=(code,)))[0]

            self._greatest = tf.function(of_all, autograph=False)
        with self.explained():
            return int(self._greatest(tf.constant(code, tf.float32)))

    def told(self, message):
        """The messages of all processes, a list of str of at most 16,384 bytes each, the chief's first."""
        if self.count == 1:
            return [message]
        import tensorflow as tf

        data = message.encode()[:_MESSAGE]
        row = tf.constant([list(data.ljust(_MESSAGE, b"\0"))], tf.int32)

        def gather(row):
            return tf.distribute.get_replica_context().all_gather(row, axis=0)

        with self.explained():
            found = self._strategy.experimental_local_results(self._strategy.run(gather, args=(row,)))[0].numpy()
        rows = found[:: len(found) // self.count]  # each replica of a process says the same
        return [bytes(row.astype("uint8")).rstrip(b"\0").decode(errors="replace") for row in rows]

    def of_chief(self, action):
        """What an action of the chief's returns, to all; none else carries it out.

        Args:
          action: callable -> what JSON can hold.

        Raises:
          UserError: it failed; the chief raises what it raised.
        """
        if self.count == 1:
            return action()
        found, error = {}, None
        if self.chief:
            try:
                found = {"result": action()}
            except Exception as raised:
                found, error = {"error": " ".join(str(raised).split())[:1000] or type(raised).__name__}, raised
        found = json.loads(self.told(json.dumps(found))[0])
        if error is not None:
            raise error
        if "error" in found:
            raise UserError(f"worker {self.number} ends because the chief did: {found['error']}")
        return found["result"]

    def check_same(self, values):
        """Raises a UserError, in every process, unless all of them were started with the same values.

        Args:
          values: {name: what JSON can hold}.
        """
        if self.count == 1:
            return
        told = [json.loads(message) for message in self.told(json.dumps(values))]
        for number, theirs in enumerate(told):
            for name, value in told[0].items():
                if theirs.get(name) != value:
                    raise UserError(
                        f"all workers must train the same: {name} is {value!r} in the chief and "
                        f"{theirs.get(name)!r} in worker {number}"
                    )

    def share(self, variables):
        """Gives every process the chief's values of variables."""
        if self.count == 1:
            return
        import tensorflow as tf

        def copy():
            context = tf.distribute.get_replica_context()
            first = tf.equal(context.replica_id_in_sync_group, 0)
            for variable in variables:
                value = tf.convert_to_tensor(variable)
                own = tf.where(first, value, tf.zeros_like(value))
                variable.assign(context.all_reduce(tf.distribute.ReduceOp.SUM, own))

        with self.explained():
            self._strategy.run(tf.function(copy, autograph=False))

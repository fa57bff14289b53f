"""The processes that train together, and what they tell each other.

The first is the chief: it alone locks, names and writes the run directory. Before each step all say whether they can go
on, so that a signal, a failure or the end of the time that one of them meets is met by all at the same step.
"""

import contextlib
import dataclasses
import json
import os
import re
import signal
import socket
import threading

from wgangp_tf.console import say
from wgangp_tf.errors import UserError
from wgangp_tf.training.reasons import reason_of

GO, STOP, FAILED = 0, 1, 2  # what a process says before a step; the greatest holds for all
_MESSAGE = 16_384  # bytes at most
_PORT = 12345  # of the tasks of a Slurm allocation


@dataclasses.dataclass(frozen=True)
class Cluster:
    """Addresses of the processes, the chief's first, and which of them this is."""

    addresses: tuple[str, ...]
    number: int

    @property
    def count(self):
        return len(self.addresses)

    def environment(self):
        """The value of TF_CONFIG that says so."""
        task = {"type": "worker", "index": self.number}
        return json.dumps({"cluster": {"worker": list(self.addresses)}, "task": task})


def strategy_of(asked):
    """ "multi_worker" for "auto" where the environment tells of several processes; else what was asked for."""
    if asked != "auto":
        return asked
    told = os.environ.get("TF_CONFIG")
    if told:
        return "multi_worker"
    return "multi_worker" if _slurm_tasks() > 1 else "auto"


def alone():
    """Whether nothing tells of other processes."""
    return not os.environ.get("TF_CONFIG") and _slurm_tasks() == 1


def is_chief(execution):
    """Whether this process is the chief of a training with these `settings.Execution`, or alone."""
    return strategy_of(execution.strategy) != "multi_worker" or cluster().number == 0


def cluster():
    """The `Cluster` that TF_CONFIG, or else a Slurm allocation, tells of.

    Raises:
      UserError: neither does, or what it tells cannot be used.
    """
    told = os.environ.get("TF_CONFIG")
    if told:
        return _of_tf_config(told)
    if _slurm_tasks() > 1:
        return _of_slurm()
    raise UserError(
        "strategy multi_worker expects TF_CONFIG, or a Slurm allocation of several tasks, to name the machines (see "
        "docs/scale.md). Received: neither; --local_workers=2 tries it on this machine"
    )


def _of_tf_config(text):
    try:
        told = json.loads(text)
        groups = {name: list(addresses) for name, addresses in told["cluster"].items()}
        kind, index = told["task"]["type"], int(told["task"]["index"])
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise UserError(
            'TF_CONFIG expects JSON such as {"cluster": {"worker": ["host1:12345", "host2:12345"]}, "task": {"type": '
            f'"worker", "index": 0}}}}. Received: {text!r}'
        ) from error
    foreign = set(groups) - {"chief", "worker"}
    if foreign:
        raise UserError(
            f"TF_CONFIG expects tasks of type chief and worker alone: there is no {min(foreign)!r} in this training. "
            f"Received: {text!r}"
        )
    addresses = [*groups.get("chief", []), *groups.get("worker", [])]
    number = index + (len(groups.get("chief", [])) if kind == "worker" else 0)
    if kind not in groups or not 0 <= index < len(groups[kind]):
        raise UserError(f"TF_CONFIG expects a task that its cluster has. Received: {kind} {index} in {text!r}")
    for address in addresses:
        if not re.fullmatch(r"[^\s:]+:\d{1,5}|\[[0-9a-fA-F:]+\]:\d{1,5}", str(address)):
            raise UserError(f"TF_CONFIG expects addresses as host:port. Received: {address!r}")
    return Cluster(tuple(addresses), number)


def _slurm_tasks():
    try:
        return int(os.environ.get("SLURM_NTASKS", "1")) if "SLURM_PROCID" in os.environ else 1
    except ValueError:
        return 1


def _of_slurm():
    """The tasks of a Slurm job step, node by node as `srun` counts them; a port for each task of a node."""
    names = ("SLURM_PROCID", "SLURM_STEP_NODELIST", "SLURM_STEP_TASKS_PER_NODE")
    values = {name: os.environ.get(name) or os.environ.get(name.replace("_STEP", "")) for name in names}
    try:
        hosts = _hosts(values["SLURM_STEP_NODELIST"])
        counts = _counts(values["SLURM_STEP_TASKS_PER_NODE"])
        number = int(values["SLURM_PROCID"])
        addresses = tuple(
            f"{host}:{_PORT + task}" for host, count in zip(hosts, counts, strict=True) for task in range(count)
        )
        if not 0 <= number < len(addresses):
            raise ValueError(number)
    except (ValueError, TypeError, AttributeError) as error:
        told = ", ".join(f"{name}={value}" for name, value in values.items())
        raise UserError(f"Slurm's variables expected to name nodes, tasks and this task. Received: {told}") from error
    return Cluster(addresses, number)


def _hosts(text):
    """["n1", "n2", "n3", "m7"] from "n[1-2,3],m7"."""
    found = []
    if text.count("[") != text.count("]"):
        raise ValueError(text)
    for name in re.findall(r"(?:[^,\[]|\[[^\]]*\])+", text):
        start, bracket, rest = name.partition("[")
        if not bracket:
            found.append(name)
            continue
        inside, _, end = rest.partition("]")
        for part in inside.split(","):
            first, _, last = part.partition("-")
            digits = len(first) if first.startswith("0") else 0
            found += [f"{start}{number:0{digits}d}{end}" for number in range(int(first), int(last or first) + 1)]
    return found


def _counts(text):
    """[2, 2, 1] from "2(x2),1"."""
    found = []
    for part in text.split(","):
        match = re.fullmatch(r"(\d+)(?:\(x(\d+)\))?", part)
        if match is None:
            raise ValueError(part)
        count, times = match.groups()
        found += [int(count)] * int(times or 1)
    return found


def connect(cluster):
    """The strategy of a cluster, once all its processes are there.

    It must be made before TensorFlow's first operation.

    Raises:
      UserError: an address of it cannot be used.
    """
    _check_addresses(cluster)
    os.environ["TF_CONFIG"] = cluster.environment()
    import tensorflow as tf

    say(f"worker {cluster.number} of {cluster.count}, counted from 0, waits until all are there")
    try:
        with _ended_by_interrupt():
            return tf.distribute.MultiWorkerMirroredStrategy()
    except (tf.errors.OpError, RuntimeError) as error:
        reason = str(getattr(error, "message", None) or error).strip().partition("\n")[0]
        raise UserError(f"the {cluster.count} workers of TF_CONFIG did not come together: {reason}") from error


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


def _check_addresses(cluster):
    """Raises a UserError if a host does not resolve, or another program has this worker's port."""
    for number, address in enumerate(cluster.addresses):
        host, _, port = address.rpartition(":")
        host = host.strip("[]")
        try:
            family, kind, _, _, place = socket.getaddrinfo(host, int(port), type=socket.SOCK_STREAM)[0]
        except (OSError, OverflowError) as error:
            raise UserError(f"worker {number} of TF_CONFIG has no address: {host!r} does not resolve") from error
        if number == cluster.number:
            with socket.socket(family, kind) as probe:
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                try:
                    probe.bind(("" if family == socket.AF_INET else "::", place[1]))
                except OSError as error:
                    raise UserError(
                        f"worker {number} expects port {port} of this machine to be free. Received: {error.strerror}"
                    ) from error


class Gone(UserError):
    """Another process is not there any more."""


class Workers:
    """What the processes of a training tell each other; alone, each call says what it was given."""

    def __init__(self, strategy, cluster=None):
        """
        Args:
          strategy: tf.distribute strategy.
          cluster: `Cluster`, or None for a process by itself.
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
        """
        import tensorflow as tf

        try:
            yield
        except tf.errors.OpError as error:
            if self.count == 1 or isinstance(error, (tf.errors.OutOfRangeError, tf.errors.ResourceExhaustedError)):
                raise
            raise Gone(f"training stopped: another worker is gone ({reason_of(error)})") from error

    def agree(self, code):
        """The greatest of the codes of all processes, each of which says one before each step."""
        if self.count == 1:
            return code
        import tensorflow as tf

        if self._greatest is None:

            def of_replica(code):
                codes = tf.distribute.get_replica_context().all_gather(tf.reshape(code, [1]), axis=0)
                return tf.reduce_max(codes)

            def of_all(code):
                return self._strategy.experimental_local_results(self._strategy.run(of_replica, args=(code,)))[0]

            self._greatest = tf.function(of_all, autograph=False)
        with self.explained():
            return int(self._greatest(tf.constant(code, tf.int32)))

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

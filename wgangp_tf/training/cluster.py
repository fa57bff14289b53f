"""Which processes train together, as TF_CONFIG or Slurm tells it."""

import dataclasses
import json
import os
import re
import reprlib

from wgangp_tf.errors import UserError

_PORT = 12345  # of the tasks of a Slurm allocation
_ADDRESS = re.compile(r"(?:[^\s:\[\]]+|\[[0-9a-fA-F:.]+\]):(\d{1,5})")

_SHOWN = reprlib.Repr()
_SHOWN.maxstring = 200  # of a value that may be anything


@dataclasses.dataclass(frozen=True)
class Cluster:
    """Addresses of the processes, the chief's first, and which of them this is."""

    addresses: tuple[str, ...]
    number: int

    @property
    def count(self):
        return len(self.addresses)

    @property
    def here(self):
        """How many of the processes are on this one's machine, as far as the addresses tell."""
        hosts = [address.rpartition(":")[0] for address in self.addresses]
        return hosts.count(hosts[self.number])

    @property
    def chief(self):
        return self.number == 0

    def environment(self):
        """The value of TF_CONFIG that says so."""
        task = {"type": "worker", "index": self.number}
        return json.dumps({"cluster": {"worker": list(self.addresses)}, "task": task})


def strategy_of(asked):
    """ "multi_worker" for "auto" where the environment tells of several processes; else what was asked for.

    Raises:
      UserError: what Slurm tells cannot be read.
    """
    return "multi_worker" if asked == "auto" and not alone() else asked


def alone():
    """Whether nothing tells of other processes; raises a UserError as `strategy_of`."""
    return not os.environ.get("TF_CONFIG") and _slurm_tasks() == 1


def of_strategy(asked):
    """The `Cluster` of a strategy by its name; None for one process.

    Raises:
      UserError: what the environment tells of the cluster cannot be used.
    """
    return found() if strategy_of(asked) == "multi_worker" else None


def sharing(execution):
    """Of a training's processes: how many there are, and how many of them share this machine.

    Args:
      execution: `settings.Execution`.

    Returns:
      (int, int); (1, 1) too for several that nothing tells of yet.

    Raises:
      UserError: what the environment tells of the cluster cannot be used.
    """
    if alone():  # they are not started, or not asked for
        return (execution.local_workers or 1,) * 2
    cluster = of_strategy(execution.strategy)
    return (1, 1) if cluster is None else (cluster.count, cluster.here)


def found():
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
        "strategy multi_worker expects TF_CONFIG, or a Slurm step of several tasks, to name the machines (see "
        "docs/scale.md). Received: neither; --local_workers=2 tries it on this machine, --strategy=one trains in one "
        "process"
    )


def _of_tf_config(text):
    try:
        told = json.loads(text)
        groups = {name: list(addresses) for name, addresses in told["cluster"].items()}
        kind, index = told["task"]["type"], told["task"]["index"]
        if isinstance(index, str):
            index = int(index)
        if type(index) is not int or not isinstance(kind, str):
            raise ValueError(kind, index)
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise UserError(
            'TF_CONFIG expects JSON such as {"cluster": {"worker": ["host1:12345", "host2:12345"]}, "task": {"type": '
            f'"worker", "index": 0}}}}. Received: {_SHOWN.repr(text)}'
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
        match = _ADDRESS.fullmatch(str(address))
        if match is None or not 1 <= int(match[1]) <= 65_535 or not _may_be_a_host(str(address)):
            raise UserError(f"TF_CONFIG expects addresses as host:port, ports from 1 to 65535. Received: {address!r}")
        if addresses.count(address) > 1:
            raise UserError(f"TF_CONFIG expects an address of its own for each task. Received: {address!r} twice")
    return Cluster(tuple(addresses), number)


def _may_be_a_host(address):
    """Whether a resolver could be asked for the host: no label of its name is empty or too long."""
    try:
        address.rpartition(":")[0].strip("[]").encode("idna")
    except UnicodeError:
        return False
    return True


def _slurm_tasks():
    """Tasks of the job step that this process belongs to.

    1 in a batch script, whose SLURM_NTASKS speaks of what `srun` may start.

    Raises:
      UserError: Slurm's variable is no number.
    """
    told = (os.environ.get("SLURM_STEP_NUM_TASKS") if "SLURM_PROCID" in os.environ else None) or "1"
    try:
        return int(told)
    except ValueError:
        raise UserError(f"SLURM_STEP_NUM_TASKS expects a number of tasks. Received: {told!r}") from None


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
    """["n1", "n2", "n3", "m7"] from "n[1-2,3],m7"; a name may have several brackets, the last counts fastest."""
    if text.count("[") != text.count("]"):
        raise ValueError(text)
    return [host for name in re.findall(r"(?:[^,\[]|\[[^\]]*\])+", text) for host in _spelled_out(name)]


def _spelled_out(name):
    """The names that one with brackets stands for."""
    start, bracket, rest = name.partition("[")
    if not bracket:
        return [name]
    inside, _, rest = rest.partition("]")
    ends = _spelled_out(rest)
    numbers = []
    for part in inside.split(","):
        first, _, last = part.partition("-")
        digits = len(first) if first.startswith("0") else 0
        numbers += [f"{number:0{digits}d}" for number in range(int(first), int(last or first) + 1)]
    return [start + number + end for number in numbers for end in ends]


def _counts(text):
    """[2, 2, 1] from "2(x2),1"."""
    counts = []
    for part in text.split(","):
        match = re.fullmatch(r"(\d+)(?:\(x(\d+)\))?", part)
        if match is None:
            raise ValueError(part)
        count, times = match.groups()
        counts += [int(count)] * int(times or 1)
    return counts

"""Which processes train together, as the environment tells it."""

import json
import socket

import pytest

from wgangp_tf.errors import UserError
from wgangp_tf.settings import Execution
from wgangp_tf.training import workers


@pytest.fixture(autouse=True)
def _alone(monkeypatch):
    for name in ("TF_CONFIG", "SLURM_NTASKS", "SLURM_PROCID", "SLURM_STEP_NODELIST", "SLURM_STEP_TASKS_PER_NODE"):
        monkeypatch.delenv(name, raising=False)


def tf_config(monkeypatch, cluster, kind="worker", index=0):
    monkeypatch.setenv("TF_CONFIG", json.dumps({"cluster": cluster, "task": {"type": kind, "index": index}}))


def test_a_process_by_itself():
    assert workers.strategy_of("auto") == "auto" and workers.alone()
    assert workers.is_chief(Execution())
    together = workers.Workers(strategy=None)
    assert (together.count, together.number, together.chief) == (1, 0, True)
    assert together.agree(workers.STOP) == workers.STOP
    assert together.told("so") == ["so"]
    assert together.of_chief(lambda: 3) == 3
    together.check_same({"a": 1})
    with pytest.raises(UserError, match="expects TF_CONFIG, or a Slurm allocation of several tasks.*Received: neither"):
        workers.cluster()


def test_tf_config_names_the_cluster(monkeypatch):
    tf_config(monkeypatch, {"worker": ["a:1", "b:2"]}, index=1)
    assert workers.strategy_of("auto") == "multi_worker" and workers.strategy_of("one") == "one"
    assert workers.cluster() == workers.Cluster(("a:1", "b:2"), 1)
    assert not workers.is_chief(Execution()) and not workers.alone()


def test_a_chief_of_its_own_comes_first(monkeypatch):
    cluster = {"worker": ["b:2", "[::1]:3"], "chief": ["a:1"]}
    tf_config(monkeypatch, cluster, kind="chief")
    assert workers.cluster() == workers.Cluster(("a:1", "b:2", "[::1]:3"), 0)
    tf_config(monkeypatch, cluster, index=1)
    found = workers.cluster()
    assert found.number == 2
    told = json.loads(found.environment())
    assert told["cluster"] == {"worker": ["a:1", "b:2", "[::1]:3"]} and told["task"]["index"] == 2


@pytest.mark.parametrize(
    "text, message",
    [
        ("{", "TF_CONFIG expects JSON such as"),
        ("[]", "TF_CONFIG expects JSON such as"),
        ('{"cluster": {"worker": ["a:1"]}}', "TF_CONFIG expects JSON such as"),
        (
            '{"cluster": {"worker": ["a:1"], "ps": ["b:1"]}, "task": {"type": "worker", "index": 0}}',
            "tasks of type chief and worker alone: there is no 'ps' in this training",
        ),
        (
            '{"cluster": {"worker": ["a:1"]}, "task": {"type": "worker", "index": 1}}',
            "a task that its cluster has. Received: worker 1",
        ),
        ('{"cluster": {"worker": ["a:1"]}, "task": {"type": "chief", "index": 0}}', "Received: chief 0"),
        (
            '{"cluster": {"worker": ["a"]}, "task": {"type": "worker", "index": 0}}',
            "addresses as host:port. Received: 'a'",
        ),
    ],
)
def test_a_tf_config_that_cannot_be_used(monkeypatch, text, message):
    monkeypatch.setenv("TF_CONFIG", text)
    with pytest.raises(UserError, match=message):
        workers.cluster()


def test_a_slurm_allocation_names_the_cluster(monkeypatch):
    monkeypatch.setenv("SLURM_NTASKS", "5")
    assert workers.strategy_of("auto") == "auto"  # an allocation without a step: `srun` has not started this
    monkeypatch.setenv("SLURM_PROCID", "3")
    monkeypatch.setenv("SLURM_STEP_NODELIST", "gpu[08-09],login")
    monkeypatch.setenv("SLURM_STEP_TASKS_PER_NODE", "2(x2),1")
    assert workers.strategy_of("auto") == "multi_worker"
    assert workers.cluster() == workers.Cluster(
        ("gpu08:12345", "gpu08:12346", "gpu09:12345", "gpu09:12346", "login:12345"), 3
    )


@pytest.mark.parametrize(
    "name, value",
    [
        ("NODELIST", "n[1-"),
        ("NODELIST", ""),
        ("TASKS_PER_NODE", "two"),
        ("TASKS_PER_NODE", "1"),
        ("NODELIST", "n[1-9]"),
    ],
)
def test_a_slurm_allocation_that_cannot_be_used(monkeypatch, name, value):
    told = {"NTASKS": "4", "PROCID": "0", "STEP_NODELIST": "n[1-2]", "STEP_TASKS_PER_NODE": "2(x2)"}
    for key, text in (told | {f"STEP_{name}": value}).items():
        monkeypatch.setenv(f"SLURM_{key}", text)
    with pytest.raises(UserError, match="Slurm's variables expected to name nodes, tasks and this task"):
        workers.cluster()


def test_a_host_that_does_not_resolve():
    with pytest.raises(
        UserError, match="worker 1 of TF_CONFIG has no address: 'no-such-host.invalid' does not resolve"
    ):
        workers.connect(workers.Cluster(("127.0.0.1:0", "no-such-host.invalid:2"), 0))


def test_a_port_that_is_taken():
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        with pytest.raises(UserError, match=f"worker 0 expects port {port} of this machine to be free. Received: Addr"):
            workers.connect(workers.Cluster((f"127.0.0.1:{port}", "127.0.0.1:1"), 0))

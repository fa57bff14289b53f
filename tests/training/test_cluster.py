"""Which processes train together, as the environment tells it."""

import json

import pytest

from wgangp_tf.errors import UserError
from wgangp_tf.settings import Execution
from wgangp_tf.training import cluster as clusters
from wgangp_tf.training import workers

_SLURM = ("NTASKS", "PROCID", "STEP_NUM_TASKS", "STEP_NODELIST", "STEP_TASKS_PER_NODE")


@pytest.fixture(autouse=True)
def _alone(monkeypatch):
    for name in ("TF_CONFIG", *(f"SLURM_{name}" for name in _SLURM)):
        monkeypatch.delenv(name, raising=False)


def tf_config(monkeypatch, cluster, kind="worker", index=0):
    monkeypatch.setenv("TF_CONFIG", json.dumps({"cluster": cluster, "task": {"type": kind, "index": index}}))


def test_a_process_by_itself():
    assert clusters.strategy_of("auto") == "auto" and clusters.alone()
    assert clusters.of_strategy("auto") is None and clusters.of_strategy("mirrored") is None
    together = workers.Workers(strategy=None)
    assert (together.count, together.number, together.chief) == (1, 0, True)
    assert together.agree(workers.STOP) == workers.STOP
    assert together.told("so") == ["so"]
    assert together.of_chief(lambda: 3) == 3
    together.check_same({"a": 1})
    with pytest.raises(UserError, match="expects TF_CONFIG, or a Slurm step of several tasks.*Received: neither"):
        clusters.found()


def test_tf_config_names_the_cluster(monkeypatch):
    tf_config(monkeypatch, {"worker": ["a:1", "b:2"]}, index=1)
    assert clusters.strategy_of("auto") == "multi_worker" and clusters.strategy_of("one") == "one"
    assert clusters.found() == clusters.Cluster(("a:1", "b:2"), 1)
    assert not clusters.of_strategy("auto").chief and not clusters.alone()


def test_a_chief_of_its_own_comes_first(monkeypatch):
    cluster = {"worker": ["b:2", "[::1]:3"], "chief": ["a:1"]}
    tf_config(monkeypatch, cluster, kind="chief")
    assert clusters.found() == clusters.Cluster(("a:1", "b:2", "[::1]:3"), 0)
    tf_config(monkeypatch, cluster, index=1)
    found = clusters.found()
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
            '{"cluster": {"worker": ["a:1"]}, "task": {"type": ["worker"], "index": 0}}',
            "TF_CONFIG expects JSON such as",
        ),
        ("[" * 100_000, r"TF_CONFIG expects JSON such as .{,350}$"),
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
            "addresses as host:port, ports from 1 to 65535. Received: 'a'",
        ),
        (
            '{"cluster": {"worker": ["a:65536"]}, "task": {"type": "worker", "index": 0}}',
            "addresses as host:port, ports from 1 to 65535. Received: 'a:65536'",
        ),
        (
            '{"cluster": {"worker": ["a:1", "b..c:2"]}, "task": {"type": "worker", "index": 0}}',
            "addresses as host:port, ports from 1 to 65535. Received: 'b..c:2'",
        ),
        (
            '{"cluster": {"worker": ["a:1", "b:1", "a:1"]}, "task": {"type": "worker", "index": 0}}',
            "an address of its own for each task. Received: 'a:1' twice",
        ),
        ('{"cluster": {"worker": ["a:1", "b:1"]}, "task": {"type": "worker", "index": 1.9}}', "expects JSON such as"),
        ('{"cluster": {"worker": ["a:1", "b:1"]}, "task": {"type": "worker", "index": true}}', "expects JSON such as"),
    ],
)
def test_a_tf_config_that_cannot_be_used(monkeypatch, text, message):
    monkeypatch.setenv("TF_CONFIG", text)
    with pytest.raises(UserError, match=message):
        clusters.found()


def test_a_slurm_allocation_names_the_cluster(monkeypatch):
    monkeypatch.setenv("SLURM_NTASKS", "5")
    monkeypatch.setenv("SLURM_PROCID", "0")
    assert clusters.strategy_of("auto") == "auto" and clusters.alone()  # a batch script: `srun` has not started this
    monkeypatch.setenv("SLURM_STEP_NUM_TASKS", "5")
    monkeypatch.setenv("SLURM_PROCID", "3")
    monkeypatch.setenv("SLURM_STEP_NODELIST", "gpu[08-09],login")
    monkeypatch.setenv("SLURM_STEP_TASKS_PER_NODE", "2(x2),1")
    assert clusters.strategy_of("auto") == "multi_worker"
    assert clusters.found() == clusters.Cluster(
        ("gpu08:12345", "gpu08:12346", "gpu09:12345", "gpu09:12346", "login:12345"), 3
    )


def test_a_number_of_slurms_tasks_that_is_none_is_refused(monkeypatch):
    monkeypatch.delenv("TF_CONFIG", raising=False)
    monkeypatch.setenv("SLURM_PROCID", "0")
    monkeypatch.setenv("SLURM_STEP_NUM_TASKS", "two")
    with pytest.raises(UserError, match="SLURM_STEP_NUM_TASKS expects a number of tasks. Received: 'two'"):
        clusters.strategy_of("auto")


def test_names_of_hosts_as_slurm_writes_them():
    assert clusters._hosts("n[1-2,7],m") == ["n1", "n2", "n7", "m"]
    assert clusters._hosts("rack[1-2]node[08-09]") == ["rack1node08", "rack1node09", "rack2node08", "rack2node09"]


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
    told = {"STEP_NUM_TASKS": "4", "PROCID": "0", "STEP_NODELIST": "n[1-2]", "STEP_TASKS_PER_NODE": "2(x2)"}
    for key, text in (told | {f"STEP_{name}": value}).items():
        monkeypatch.setenv(f"SLURM_{key}", text)
    with pytest.raises(UserError, match="Slurm's variables expected to name nodes, tasks and this task"):
        clusters.found()


def test_how_many_processes_share_a_machine(monkeypatch):
    for name in ("TF_CONFIG", "SLURM_PROCID"):
        monkeypatch.delenv(name, raising=False)
    assert clusters.sharing(Execution()) == (1, 1)
    assert clusters.sharing(Execution(strategy="multi_worker")) == (1, 1)
    assert clusters.sharing(Execution(strategy="multi_worker", local_workers=3)) == (3, 3)
    for number, here in ((0, 2), (1, 1), (2, 2)):
        monkeypatch.setenv("TF_CONFIG", clusters.Cluster(("a:1", "b:1", "a:2"), number).environment())
        assert clusters.sharing(Execution()) == (3, here)
        assert clusters.sharing(Execution(strategy="one")) == (1, 1)

"""What is left to the machine, and the reason that is told."""

import pytest

from wgangp_tf.training import chosen


def test_precision_is_chosen_by_a_table(monkeypatch):
    import tensorflow as tf

    assert chosen.precision("mixed_float16") == ("mixed_float16", "")
    for flags, name, reason in (
        ({"avx2"}, "float32", "a processor without instructions for bfloat16"),
        ({"avx2", "avx512_bf16"}, "mixed_bfloat16", "a processor with avx512_bf16"),
        ({"amx_bf16"}, "mixed_bfloat16", "a processor with amx_bf16"),
    ):
        monkeypatch.setattr(chosen, "_processor_flags", lambda flags=flags: flags)
        assert chosen.precision("auto") == (name, reason)
    monkeypatch.setattr(
        tf.config.experimental, "get_device_details", lambda capability: {"compute_capability": capability}
    )
    for capability, name in (((8, 0), "mixed_bfloat16"), ((7, 5), "mixed_float16"), ((6, 1), "float32")):
        gpus = [(9, 0), capability]  # the least decides
        monkeypatch.setattr(tf.config, "list_physical_devices", lambda kind, gpus=gpus: gpus)
        assert chosen.precision("auto")[0] == name


def test_the_flags_of_this_processor_are_read():
    import sys

    assert not sys.platform.startswith("linux") or len(chosen._processor_flags()) > 10


@pytest.mark.parametrize(
    "asked, several, gpus, found, reason",
    [
        ("on", False, 0, True, ""),
        ("off", False, 1, False, ""),
        ("auto", False, 0, False, "XLA off, which gains little on processors for a longer start"),
        ("auto", False, 1, True, "XLA on, as there is a GPU"),
        ("auto", True, 2, False, "XLA off, which cannot reach the variables of another device"),
    ],
)
def test_xla(monkeypatch, asked, several, gpus, found, reason):
    import tensorflow as tf

    monkeypatch.setattr(tf.config, "list_physical_devices", lambda kind: ["GPU"] * gpus)
    assert chosen.xla(asked, several) == (found, reason)


@pytest.mark.parametrize(
    "changed, found",
    [
        ({}, 1),
        ({"narrow": False}, None),
        ({"several": True}, None),
        ({"jit_compile": True}, None),
        ({"cores": 1}, None),
        ({"cores": 4}, None),
        ({"gpus": ["GPU"]}, None),
        ({"told": "TF_NUM_INTRAOP_THREADS"}, None),
        ({"told": "TF_NUM_INTEROP_THREADS"}, None),
    ],
    ids=str,
)
def test_threads(monkeypatch, changed, found):
    import tensorflow as tf

    values = {"narrow": True, "several": False, "jit_compile": False, "cores": 2, "gpus": [], "told": None} | changed
    monkeypatch.setattr(chosen, "cores", lambda: values["cores"])
    monkeypatch.setattr(tf.config, "list_physical_devices", lambda kind: values["gpus"])
    for name in ("TF_NUM_INTRAOP_THREADS", "TF_NUM_INTEROP_THREADS"):
        monkeypatch.delenv(name, raising=False)
    if values["told"]:
        monkeypatch.setenv(values["told"], "2")
    count, reason = chosen.threads(*(values[name] for name in ("narrow", "several", "jit_compile")))
    assert count == found
    assert reason.startswith("one thread for each operation and two at a time") if found else reason == ""


def test_steps_in_a_call():
    assert chosen.steps_in_a_call(3, several=True) == (3, "")
    assert chosen.steps_in_a_call(None)[1].startswith("as many steps in a call as 0.2 s hold")
    one = "one step in a call, as a loop of them cannot merge the updates of replicas"
    assert chosen.steps_in_a_call(None, several=True) == (1, one)


def test_only_what_was_left_to_the_machine_is_told():
    assert chosen.in_words("", "") == ""
    assert chosen.in_words("", "a") == "chosen for this machine: a"
    assert chosen.in_words("b", "a") == "chosen for this machine: b; a"

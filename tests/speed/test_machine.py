"""What a machine is, in words."""

from wgangp_tf.speed import machine

_FACTS = "processor\t: 0\nmodel name\t: Some CPU\nflags\t\t: avx2 avx512f avx512_bf16 fma\n\nmodel name\t: other\n"


def test_what_linux_says_of_the_first_core(monkeypatch, tmp_path):
    (tmp_path / "cpuinfo").write_text(_FACTS)
    monkeypatch.setattr(machine, "_FACTS", tmp_path / "cpuinfo")
    monkeypatch.setenv("TF_NUM_INTRAOP_THREADS", "1")
    monkeypatch.delenv("TF_ENABLE_ONEDNN_OPTS", raising=False)
    found = machine.describe(["a GPU"], onednn=False)
    assert (found["processor"], found["half_precision"], found["vectors"]) == ("Some CPU", ["avx512_bf16"], "avx512f")
    assert found["told"] == {"TF_NUM_INTRAOP_THREADS": "1"}
    assert found["cores"] >= 1 and found["memory"] > 1e8 and found["load"] >= 0
    words = machine.in_words(found | {"cores": 2, "memory": 2**34})
    assert words == "Some CPU, 2 cores; TF_NUM_INTRAOP_THREADS=1; with avx512_bf16; oneDNN off; 16 GB; a GPU"


def test_a_machine_that_says_little(monkeypatch, tmp_path):
    monkeypatch.setattr(machine, "_FACTS", tmp_path / "none")
    found = machine.describe([], None) | {"memory": None, "cores": 1, "told": {}}
    assert found["half_precision"] == [] and found["vectors"] == ""
    assert machine.in_words(found) == f"{found['processor']}, 1 core; no bfloat16 instructions; no GPU"

"""NumPy's files: every numeric type, by rows, and what is refused: above all what could run code."""

import io
import os
import pickle
import subprocess
import sys
import zipfile

import numpy as np
import pytest

from tests.data.array_file import everything, load, refused
from tests.data.test_store import ROOT
from wgangp_tf.data import array_files
from wgangp_tf.data.arrays import FileArray

_RANDOM = np.random.default_rng(0)
VALUES = np.stack([np.arange(30), _RANDOM.permutation(30)], axis=1)


@pytest.mark.parametrize(
    "dtype", ["b1", "i1", "u1", "<i2", ">i2", "u4", "i8", "f2", "<f4", ">f4", "f8", ">f8", np.longdouble]
)
@pytest.mark.parametrize("name", ["x.npy", "x.npz"])
def test_every_numeric_type(tmp_path, name, dtype):
    values = VALUES.astype(dtype)
    (np.save if name == "x.npy" else np.savez)(tmp_path / name, values)
    source = load(tmp_path / name, scale="none")
    assert source.train.samples.dtype == np.float32
    expected = sorted(values.astype(np.float32).tolist())
    assert sorted(np.stack(everything(source)).tolist()) == expected


@pytest.mark.parametrize("version", [(1, 0), (2, 0)])
@pytest.mark.parametrize("order", ["C", "F"])
def test_every_order_and_version(tmp_path, order, version):
    with open(tmp_path / "x.npy", "wb") as file:
        np.lib.format.write_array(file, np.asarray(VALUES, order=order), version)
    np.testing.assert_array_equal(everything(load(tmp_path / "x.npy", scale="none")), VALUES)


@pytest.mark.parametrize("save", [np.savez, np.savez_compressed])
def test_arrays_by_name(tmp_path, save):
    file = tmp_path / "x.npz"
    save(file, x=VALUES, y=VALUES[:, 0] % 3, far=VALUES + 100)
    source = load(file, array="far", labels="y", scale="none")
    np.testing.assert_array_equal(everything(source), VALUES + 100)
    assert source.spec.classes == ("0", "1", "2")
    for split in (source.train, source.validation):  # labels follow their samples
        np.testing.assert_array_equal(split.labels, (split.samples[:][:, 0] - 100) % 3)


def test_labels_leave_one_array(tmp_path):
    np.savez(tmp_path / "x.npz", x=VALUES, y=(VALUES[:, :1] % 2).astype(str))
    np.testing.assert_array_equal(everything(load(tmp_path / "x.npz", labels="y", scale="none")), VALUES)
    np.savez(tmp_path / "x.npz", x=VALUES, y=np.array([b"a", b"b"] * 15))
    assert load(tmp_path / "x.npz", labels="y").spec.classes == ("a", "b")


def test_what_is_not_packed_stays_in_the_file(tmp_path):
    np.savez(tmp_path / "x.npz", x=VALUES, more=np.zeros(7))
    with zipfile.ZipFile(tmp_path / "x.npz") as archive:
        content = archive.read("x.npy")
    start = (tmp_path / "x.npz").read_bytes().index(content)
    np.testing.assert_array_equal(FileArray(tmp_path / "x.npz", start)[:], VALUES)


class _Runs:
    """What writes a file when it is unpickled."""

    def __init__(self, path):
        self._path = str(path)

    def __reduce__(self):
        return open, (self._path, "w")


@pytest.mark.parametrize("kind", ["objects.npy", "pickle.npy", "objects.npz", "labels.npz", "one.npy"])
def test_nothing_in_a_file_is_run(tmp_path, kind):
    code, file = np.array([[_Runs(tmp_path / "ran")]] * 9, object), tmp_path / kind
    if kind == "pickle.npy":
        file.write_bytes(pickle.dumps(code))
    elif kind == "labels.npz":
        np.savez(file, x=VALUES[:9], y=code)
    elif kind == "objects.npz":
        np.savez(file, x=code)
    else:
        np.save(file, code if kind == "objects.npy" else code[0, 0])
    said = refused(file, labels="y" if kind == "labels.npz" else "none")
    assert said.startswith("--data_file expects numbers. Received: ") and "could run code when" in said
    assert not (tmp_path / "ran").exists()
    assert pickle.loads(pickle.dumps(code[0, 0])).close() is None and (tmp_path / "ran").exists()  # it would have


@pytest.mark.parametrize(
    "values, said",
    [
        (VALUES.astype(complex), "which holds complex numbers; give their real and imaginary parts as two channels, "),
        (VALUES.astype(str), "which holds text"),
        (VALUES.astype("S5"), "which holds text"),
        (VALUES.astype("M8[s]"), "which holds dates; give them as numbers"),
        (VALUES.astype("m8[s]"), "which holds durations; give them as numbers"),
        (np.zeros(9, [("a", "f4"), ("b", "i4")]), "which holds rows of named fields; give it as a .csv file"),
    ],
)
def test_what_are_no_numbers(tmp_path, values, said):
    np.save(tmp_path / "x.npy", values)
    assert refused(tmp_path / "x.npy").startswith(f"--data_file expects numbers. Received: 'x.npy', {said}")
    np.savez(tmp_path / "x.npz", a=values)
    said = said.replace("which", "whose array 'a'")
    assert refused(tmp_path / "x.npz").startswith(f"--data_file expects numbers. Received: 'x.npz', {said}")


@pytest.mark.parametrize(
    "options, said",
    [
        ({}, "expects one array, or the name of one. Received: 'x.npz', which holds 'x', 'y', 'z'; --array=NAME says"),
        ({"labels": "y"}, "Received: 'x.npz', which holds 'x', 'z'; --array=NAME says which"),
        ({"array": "xx"}, "Unknown array in 'x.npz' 'xx'. Did you mean 'x'? Known: x, y, z."),
        ({"array": "x", "labels": "why"}, "Unknown labels in 'x.npz' 'why'. Did you mean 'y'? Known: x, y, z."),
        (
            {"array": "x", "labels": "z"},
            "--labels expects one label for each of the 30 samples. Received: 'z' of shape (29,) in 'x.npz'",
        ),
        ({"array": "x", "labels": "x"}, "Received: 'x' of shape (30, 2) in 'x.npz'"),
        ({"array": "x", "labels": "one"}, "Received: 'one' of shape () in 'x.npz'"),
    ],
)
def test_names_in_npz_files(tmp_path, options, said):
    more = {"one": np.int64(7)} if options.get("labels") == "one" else {}
    np.savez(tmp_path / "x.npz", x=VALUES, y=VALUES[:, 0], z=VALUES[1:, 0], **more)
    assert said in refused(tmp_path / "x.npz", **options)


def test_names_of_what_has_none(tmp_path):
    np.save(tmp_path / "x.npy", VALUES)
    assert refused(tmp_path / "x.npy", array="a") == (
        "--array names an array in an .npz file. Received: --array=a and 'x.npy', which holds one"
    )
    assert refused(tmp_path / "x.npy", labels="y") == (
        "--labels names an array in an .npz file, or a column. Received: --labels=y and 'x.npy', which holds one "
        "array alone"
    )


def test_files_that_are_damaged(tmp_path):
    file, packed = io.BytesIO(), io.BytesIO()
    np.save(file, VALUES.astype("f8"))
    np.savez_compressed(packed, x=_RANDOM.normal(size=[300, 2]))
    whole, flipped = file.getvalue(), bytearray(packed.getvalue())
    flipped[len(flipped) // 2] ^= 255
    for content, said in (
        (whole[:-1], "which is cut short: 607 of 608 bytes"),
        (whole[:40], "which is no .npy file that can be read ("),
        (whole[:5], "which is no .npy file that can be read ("),
        (b"", "an empty file"),
        (b"1,2\n3,4\n", "which is no .npy file that can be read ("),
        (packed.getvalue()[:-30], "which is cut short or damaged"),
        (bytes(flipped), "which is cut short or damaged ("),
    ):
        (tmp_path / "x.npy").write_bytes(content)
        assert f"Received: 'x.npy', {said}" in refused(tmp_path / "x.npy")


@pytest.mark.parametrize(
    "offset, value, said", [(8, 1, "encrypted, password required"), (10, 97, "compression method is not supported")]
)
def test_files_that_are_locked_or_packed_in_another_way(tmp_path, offset, value, said):
    file = io.BytesIO()
    np.savez(file, x=VALUES)
    content = bytearray(file.getvalue())
    # the flags, and the way of packing, in the archive's own list of its members
    content[content.index(b"PK\x01\x02") + offset] = value
    (tmp_path / "x.npz").write_bytes(content)
    found = refused(tmp_path / "x.npz")
    assert "Received: 'x.npz', which cannot be read (" in found and said in found


def test_files_that_are_not_there(tmp_path):
    assert refused(tmp_path / "x.npy") == (
        "--data_file expects a file that can be read. Received: 'x.npy' (No such file or directory)"
    )
    (tmp_path / "d.npy").mkdir()
    assert refused(tmp_path / "d.npy") == "--data_file expects a file. Received: 'd.npy', a folder"
    os.mkfifo(tmp_path / "p.npy")
    assert refused(tmp_path / "p.npy") == "--data_file expects a file. Received: 'p.npy', a pipe or a device"
    (tmp_path / "x.txt").touch()
    assert refused(tmp_path / "x.txt") == ("--data_file expects a .npy, .npz, .csv or .parquet file. Received: 'x.txt'")


def test_a_file_that_may_not_be_read_is_named_by_its_flag(tmp_path, monkeypatch):
    np.save(tmp_path / "x.npy", np.zeros((40, 2)))

    def denied(path, *arguments, **keywords):
        raise PermissionError(13, "Permission denied", str(path))

    monkeypatch.setattr(array_files, "open", denied, raising=False)
    message = refused(tmp_path / "x.npy")
    assert message == "--data_file expects a file that can be read. Received: 'x.npy' (Permission denied)"


def test_an_array_larger_than_memory(tmp_path):
    # 320 MB that are a hole in the file but for the last rows, for a process that may have 160 MB more than it has
    count, width = 80_000, 1000
    with open(tmp_path / "large.npy", "wb") as file:
        np.lib.format.write_array_header_1_0(file, {"descr": "<f4", "fortran_order": False, "shape": (count, width)})
        start = file.tell()
        file.truncate(start + 4 * width * count)
        file.seek(start + 4 * width * (count - 2))
        file.write(np.arange(2 * width, dtype="<f4").tobytes())
    assert os.stat(tmp_path / "large.npy").st_blocks * 512 < 2**20
    program = f"""
import re, resource
import numpy as np
from tests.data.array_file import load
have = int(re.search(r"VmData:\\s+(\\d+) kB", open("/proc/self/status").read())[1]) * 1024
resource.setrlimit(resource.RLIMIT_DATA, (have + 160 * 2**20,) * 2)
source = load({str(tmp_path / "large.npy")!r}, scale="none")
print(len(source.train), len(source.validation), source.train.samples[len(source.train) - 1][:2].tolist())
try:
    source.train.samples[:]
except MemoryError:
    print("all of it would not fit")
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, cwd=ROOT)
    assert done.stdout == "75000 5000 [1000.0, 1001.0]\nall of it would not fit\n", done.stderr

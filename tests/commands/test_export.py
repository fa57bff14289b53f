"""`export`: what it makes is found again, by `generate` and by a run that is named once more."""

import json
import os
import pathlib

import pytest

from wgangp_tf.training import run_directory


@pytest.mark.slow
def test_an_export_is_found_by_its_run(train, command, monkeypatch):
    begun = ("--steps=4", f"--run_dir={os.path.abspath('r')}", "--export_dir=e")
    assert train(*begun)[0] == 0
    record = pathlib.Path("r/export.json")

    # finished, however its place is written
    status, out, err = train(*begun)
    assert (status, out) == (0, "") and "is finished: step 4, exported to" in err

    # as after a run that was stopped: nothing is exported yet
    record.unlink()
    status, _, err = command("generate", "--run_dir=r")
    assert (status, err) == (2, "error: run 'r' has no export; `export --run_dir=r` makes one\n")
    assert command("export", "--run_dir=r", "--export_dir=early", "--step=2")[0] == 0
    noted = json.loads(record.read_text())
    assert (noted["format"], noted["export_dir"], noted["step"]) == (2, "early", 2)
    assert (noted["relative"], noted["absolute"]) == ("../early", os.path.abspath("early"))
    status, _, err = command("generate", "--run_dir=r", "--num_images=1")
    assert status == 0 and "drawn from early, the export of r\n" in err

    # the latest is noted, and stays so
    for words, step in ((["--export_dir=late"], 4), (["--export_dir=old", "--step=2"], 4), (["--export_dir=late2"], 4)):
        assert command("export", "--run_dir=r", *words)[0] == 0
        noted = json.loads(record.read_text())
        assert (noted["export_dir"], noted["step"]) == ("late", step)

    # a run that can only be read is exported, and it is said what that means
    record.unlink()

    def refused(*_):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(run_directory, "record_export", refused)
    status, out, err = command("export", "--run_dir=r", "--export_dir=other")
    assert (status, out) == (0, "SavedModel other\n")
    assert "the export is not noted in r (Permission denied); --saved_model=other draws from it\n" in err

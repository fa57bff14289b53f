from wgangp_tf.presets import PRESETS


def test_list_prints_every_name_with_its_summary(command):
    status, out, err = command("list")
    assert status == 0 and err == ""
    tables = {}
    for block in out.strip().split("\n\n"):
        title, *rows = block.splitlines()
        tables[title.split(" (")[0]] = dict(row.split(maxsplit=1) for row in rows)
    assert list(tables) == ["data sets", "methods", "networks", "presets"]
    assert tables["presets"] == {name: summary for name, (summary, _) in PRESETS.items()}
    assert {"digits", "8gaussians", "shapes", "folder", "celeb_a"} <= set(tables["data sets"])
    assert {"wgan-gp", "wgan-lp", "wgan"} <= set(tables["methods"])
    assert {"mlp", "dcgan"} <= set(tables["networks"])
    assert all(summary.strip() for table in tables.values() for summary in table.values())

"""Which curves are drawn: by the table of quantities, and whatever else a run logged."""

from tests.figures import runs
from wgangp_tf import quantities
from wgangp_tf.figures import charts, run_files


def _run(path, logged, **more):
    return run_files.read(runs.make(path, logged=logged, pictures=(), **more))


def _by_title(drawn):
    return {chart["title"]: chart for chart in drawn}


def test_a_run_has_the_charts_of_the_table(tmp_path):
    drawn = _by_title(charts.of_run(_run(tmp_path / "a", runs.lines())))
    assert list(drawn) == [quantities.LOSS_CHART, quantities.NORM_CHART, "Learning rate"]
    loss, norm, rate = drawn.values()
    assert [(one["name"], one["look"], one["run"]) for one in loss["series"]] == [
        ("critic_loss", 0, 0),
        ("validation_critic_loss", 1, 0),
    ]
    row = quantities.QUANTITIES["gradient_norm_min"]
    (least,) = (one for one in norm["series"] if one["name"] == "gradient_norm_min")
    assert (least["unit"], least["meaning"]) == (row.unit, row.meaning)
    assert norm["unit"] == "score per unit of data"
    assert [chart["norms"] for chart in (loss, norm, rate)] == [False, True, False]


def test_every_chart_of_gradients_is_known_as_one(tmp_path):
    logged = [dict.fromkeys(quantities.QUANTITIES, 1.0) | {"step": 1}]
    drawn = _by_title(charts.of_run(_run(tmp_path / "a", logged)))
    assert {title for title, chart in drawn.items() if chart["norms"]} == {
        title for title in drawn if "radient" in title
    }
    assert len(drawn) == len({row.chart for row in quantities.QUANTITIES.values() if row.chart})


def test_numbers_that_no_row_tells_of_have_charts_of_their_own(tmp_path):
    drawn = _by_title(charts.of_run(_run(tmp_path / "a", [{"step": 1, "images": 2, "seconds": 3.0, "odd": 4.0}])))
    assert list(drawn) == ["odd"]
    assert drawn["odd"]["series"][0]["meaning"] == drawn["odd"]["unit"] == ""


def test_norms_far_apart_are_drawn_over_a_logarithmic_axis(tmp_path):
    for number, (least, log, positive) in enumerate([(0.5, False, True), (0.01, True, True), (0.0, False, False)]):
        logged = [{"step": 1, "gradient_norm": 1.0, "gradient_norm_min": least, "critic_loss": 1.0}]
        drawn = _by_title(charts.of_run(_run(tmp_path / str(number), logged)))
        chart = drawn[quantities.NORM_CHART]
        assert (chart["log"], chart["positive"]) == (log, positive)
        assert not drawn[quantities.LOSS_CHART]["log"]


def test_several_runs_have_a_chart_for_each_quantity(tmp_path):
    first = _run(tmp_path / "a", [{"step": 1, "critic_loss": 1.0, "odd": 1.0}])
    second = _run(tmp_path / "b", [{"step": 3, "critic_loss": 2.0, "gradient_norm": 3.0}])
    drawn = _by_title(charts.of_runs({"a": first, "b": second}))
    assert list(drawn) == ["critic_loss", "gradient_norm", "odd"]
    row = quantities.QUANTITIES["critic_loss"]
    assert (drawn["critic_loss"]["unit"], drawn["critic_loss"]["meaning"]) == (row.unit, row.meaning)
    assert [(one["label"], one["run"], one["look"]) for one in drawn["critic_loss"]["series"]] == [
        ("a", 0, 0),
        ("b", 1, 1),
    ]
    (only,) = drawn["gradient_norm"]["series"]  # looks as its run does everywhere
    assert (only["label"], only["run"], only["look"]) == ("b", 1, 1)


def test_evaluations_are_curves_where_they_compare(tmp_path):
    found = [
        runs.evaluation(4, {"precision": 0.5, "recall": 0.1}),
        runs.evaluation(2, {"precision": 0.25}),
        runs.evaluation(6, {"precision": 0.75}, samples=100),
        runs.evaluation(None, {"precision": 0.125}),
    ]
    (chart,) = charts.of_run(_run(tmp_path / "a", None, evaluations=found))
    assert chart["title"] == "Evaluated: precision"
    (one,) = chart["series"]
    assert one["of"] == [1, 0]  # by step
    assert one["label"] == "digits features, 3,000 samples, against 1,500 training samples of digits"


def _evaluated(path, *lines):
    return _run(path, None, evaluations=[runs.evaluation(step, values, **more) for step, values, more in lines])


def test_evaluations_of_several_runs_lie_over_one_another(tmp_path):
    first = _evaluated(tmp_path / "a", (4, {"precision": 0.5, "recall": 0.1}, {}), (2, {"precision": 0.25}, {}))
    second = _evaluated(tmp_path / "b", (3, {"precision": 0.75}, {}), (6, {"precision": 1.0}, {}))
    (chart,) = charts.of_runs({"a": first, "b": second})
    assert chart["title"] == "Evaluated: precision"
    assert [(one["label"], one["run"], one["look"], one["of"]) for one in chart["series"]] == [
        ("a", 0, 0, [1, 0]),
        ("b", 1, 1, [0, 1]),
    ]
    way = "digits features, 3,000 samples, against 1,500 training samples of digits"
    assert chart["meaning"] == f"{quantities.QUANTITIES['precision'].meaning}; {way}"
    assert [(one["least"], one["greatest"]) for one in chart["series"]] == [(0.25, 0.5), (0.75, 1.0)]


def test_curves_of_several_runs_that_do_not_compare_say_how_they_were_measured(tmp_path):
    few = {"samples": 100}
    first = _evaluated(tmp_path / "a", *((step, {"odd": step / 8}, more) for step in (2, 4) for more in ({}, few)))
    second = _evaluated(tmp_path / "b", *((step, {"odd": step / 4}, few) for step in (2, 4)))
    (chart,) = charts.of_runs({"a": first, "b": second})
    against = "against 1,500 training samples of digits"
    assert [(one["label"], one["look"]) for one in chart["series"]] == [
        (f"a: digits features, 3,000 samples, {against}", 0),
        (f"a: digits features, 100 samples, {against}", 2),  # as no run looks
        (f"b: digits features, 100 samples, {against}", 1),
    ]
    assert chart["meaning"] == ""


def test_how_a_value_was_measured_is_said():
    assert charts.in_words((None, "a folder", 10, 1500)) == "10 samples, against a folder, 1,500 real samples"
    assert charts.in_words((None, None, None, None)) == "evaluated"


def test_the_data_of_a_run_is_its_numbers(tmp_path):
    logged = runs.lines()
    found = [runs.evaluation(4, {"precision": 0.1 + 0.2})]
    data = charts.data(_run(tmp_path / "a", logged, evaluations=found))
    assert data["columns"] == {name: [line[name] for line in logged] for name in logged[0]}
    assert data["evaluations"] == [{"step": 4, "values": {"precision": 0.1 + 0.2}}]
    assert (data["name"], data["path"], data["lines"]) == ("a", str(tmp_path / "a"), 3)


def test_very_many_log_lines_are_thinned_out(tmp_path):
    logged = [{"step": step, "critic_loss": step / 8} for step in range(3 * charts.MOST_LINES)]
    data = charts.data(_run(tmp_path / "a", logged))
    steps = data["columns"]["step"]
    assert len(steps) == charts.MOST_LINES and data["lines"] == len(logged)
    assert (steps[0], steps[-1]) == (0, logged[-1]["step"])
    assert data["columns"]["critic_loss"] == [step / 8 for step in steps]

"""The progress of a run, on a terminal and elsewhere."""

from wgangp_tf.training.progress import Progress

_VALUES = {
    "wasserstein_estimate": 0.6834,
    "validation_wasserstein_estimate": 0.7021,
    "gradient_norm": 0.981,
    "images_per_second": 12_345.6,
}


def test_on_a_terminal_the_bar_and_its_numbers_fit_80_columns(terminal):
    with terminal() as shown:
        progress = Progress(0, 200_000)
        for _ in range(3):
            progress.advance()
        progress.log(3, _VALUES, {"precision": 0.85, "coverage": 0.89, "frechet_distance": 12.3})
        progress.close()
    bars = [part for part in shown().replace("\n", "\r").split("\r") if part.strip()]
    assert all(len(bar) <= 80 for bar in bars)
    # the first values are whole, those without room are left out whole
    assert bars[-1].rstrip().endswith("wasserstein=0.683]")


def test_a_line_stands_by_itself_between_the_bars(terminal):
    with terminal() as shown:
        progress = Progress(0, 10)
        progress.say("cache_dir is full")
        progress.close()
    assert "cache_dir is full" in [part.strip() for part in shown().replace("\n", "\r").split("\r")]


def test_elsewhere_each_log_is_one_line(capfd):
    progress = Progress(0, 10)
    for _ in range(2):
        progress.advance()
    progress.log(2, _VALUES, {"coverage": 0.89})
    progress.say("a line")
    progress.close()
    first, second = capfd.readouterr().err.splitlines()
    assert first.startswith("step 2/10  wasserstein 0.683  held_out 0.702  gradient_norm 0.98  coverage 0.89  images/s")
    assert second == "a line"

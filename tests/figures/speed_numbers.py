"""The numbers of a small `benchmark`, as benchmark.json holds them."""


def _line(**changed):
    line = {"work": "digits", "changed": {}, "precision": "float32", "label": "this program", "reason": "", "turns": []}
    return line | {"batch_size": 8, "n_critic": 1, "replicas": 1} | changed


def _measured(seconds, **changed):
    return _line(
        seconds=seconds, images_per_second=8 / seconds, operations_per_second=1e9, peak=7e8, device_peak=None, **changed
    )


def numbers():
    """A new tree each time."""
    first = _line(seconds=0.008, least=0.007, greatest=0.0095, images_per_second=24e3, peak=7.7e8, device_peak=None)
    first |= {"operations_per_second": 1.04e11, "share_of_limit": 0.52, "against_ours": 1.0}
    other = _line(label="another", seconds=0.12, least=0.11, greatest=0.13, images_per_second=1600.0, peak=7.7e8)
    other |= {"operations_per_second": 6.9e9, "share_of_limit": 0.034, "against_ours": 15.0, "device_peak": 2.3e9}
    late = _line(label="late")
    return {
        "format": 1,
        "program": "wgangp_tf benchmark",
        "date": "2026-01-02",
        "complete": True,
        "turns": 3,
        "in_words": "a processor, 2 cores",
        "machine": {"devices": [], "load": 3.5, "told": {}},
        "versions": {"python": "3.11"},
        "limits": {"products_float32": [1.9e11, 2e11, 2.1e11], "memory": [2e10]},
        "works": {"digits": "mlp of width 256"},
        "lines": [first, other, _line(label="absent", reason="torch is not installed"), late],
        "start_up": {"work": "digits", "seconds": {"imports": 4.5, "first step": 3.0}},
        "curves": {
            "batch_size": {"work": "digits", "lines": [_measured(0.01), _line(batch_size=16)]},
            "image_size": {"work": "digits", "lines": [_measured(0.02, changed={"image_size": [16, 16]})]},
        },
    }

import pytest

from tests.wiring.lab import DENSE, Lab


@pytest.fixture(scope="session")
def lab(tmp_path_factory):
    return Lab(tmp_path_factory.mktemp("commands"))


@pytest.fixture(scope="session")
def digits(lab):
    """A run of four steps that moves, with checkpoints of steps 2 and 4."""
    flags = {"learning_rate": 0.1, "optimizer": "adam", "steps": 4, "checkpoint_every": 2, "sample_every": 4}
    return lab.run(**DENSE | flags)


@pytest.fixture(scope="session")
def points(lab):
    """A run on points of the plane."""
    return lab.run(dataset="25gaussians", width=4, batch_size=4, n_critic=1, steps=1)

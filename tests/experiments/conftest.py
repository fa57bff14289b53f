import pytest

from tests.wiring.lab import DENSE, Lab


@pytest.fixture(scope="session")
def lab(tmp_path_factory):
    return Lab(tmp_path_factory.mktemp("experiments"))


@pytest.fixture(scope="session")
def digits(lab):
    """A run of four steps that moves, with a picture of each."""
    return lab.run(**DENSE | {"learning_rate": 0.1, "optimizer": "adam", "steps": 4})


@pytest.fixture(scope="session")
def points(lab):
    """A run on points of the plane, with the pictures of its two steps."""
    return lab.run(dataset="25gaussians", width=4, batch_size=4, n_critic=1, steps=2, sample_every=1)

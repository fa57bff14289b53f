"""The table of figures. A new one is a file here, a file of the same name in `figures`, and a row."""

import dataclasses
import importlib

from wgangp_tf.data import registry as data_sets
from wgangp_tf.errors import unknown_name
from wgangp_tf.training import resolve


@dataclasses.dataclass(frozen=True)
class Row:
    """A figure by name.

    Attributes:
      summary: one line for `list`: what it shows, and where the paper shows it.
      minutes: about how long the small version takes on two cores.
      of: flags that say what to make the figure of, where it can be made of something else than its own trainings.
    """

    summary: str
    minutes: int
    of: tuple[str, ...] = ()


FIGURES = {
    "gradient_norms": Row(
        "the critic's gradient by layer, clipping against penalty (Gulrajani et al. 2017, Fig. 1b)", 3
    ),
    "weight_histograms": Row("the critic's weights, clipping and penalty (Gulrajani et al. 2017, Fig. 1b)", 3),
    "value_surfaces": Row(
        "critics at their best: level sets, slope, estimate and exact distance (Gulrajani et al. 2017, Fig. 1a)", 8
    ),
    "toy_samples": Row("generated points on the toy sets while training goes on, by method", 8),
    "architectures": Row("six architectures that are hard to train, by method (Gulrajani et al. 2017, Fig. 2)", 20),
    "convergence": Row("quality against steps and time, clipping, penalty, DCGAN (Gulrajani et al. 2017, Fig. 3)", 5),
    "critic_loss": Row("the estimate on training and on held-out samples (Gulrajani et al. 2017, Fig. 5b)", 3),
    "samples": Row(
        "a grid, the way between latents and an animation of training, of any run", 2, of=("run_dir", "saved_model")
    ),
}


def find(name):
    """The row of a figure.

    Raises:
      UserError: no such name.
    """
    if name not in FIGURES:
        raise unknown_name("figure", name, [*FIGURES, "all"])
    return FIGURES[name]


def experiment(name):
    """The module of a figure's experiment: `measure(place) -> place.Numbers`."""
    find(name)
    return importlib.import_module(f"wgangp_tf.experiments.{name}")


def data(name, small):
    """Flags of a training on the data set that a figure needs prepared, or None where it comes with the program.

    The module of a figure that needs one has `data(small)`; all trainings of the figure are on that data set.
    """
    given = getattr(experiment(name), "data", lambda small: None)(small)
    return given if given and data_sets.find(resolve.resolve(given).data.dataset).places else None

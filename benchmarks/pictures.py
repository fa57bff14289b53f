"""Draws a picture of the README: samples of a SavedModel beside real ones.

python benchmarks/pictures.py --saved_model=saved_models/digits --dataset=digits --out=docs/digits.png
"""

import argparse
import pathlib

import numpy as np

from wgangp_tf import config, quiet, settings
from wgangp_tf.data import registry
from wgangp_tf.samples import drawing


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--saved_model", required=True)
    parser.add_argument("--dataset", required=True)
    parser.add_argument("--out", required=True)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--count", type=int, default=64)
    arguments = parser.parse_args()
    quiet.import_tensorflow()
    from wgangp_tf.serving.load import Generator

    generated = Generator(pathlib.Path(arguments.saved_model)).generate(arguments.count, arguments.seed)
    source = registry.load(config.Data(dataset=arguments.dataset), settings.Storage())
    rows = np.random.default_rng(arguments.seed).permutation(len(source.train))[: arguments.count]
    grids = [drawing.grid(images) for images in (generated, source.train.samples[rows])]
    gap = np.full([grids[0].shape[0], 16, grids[0].shape[2]], 255, np.uint8)
    pathlib.Path(arguments.out).parent.mkdir(exist_ok=True)
    drawing.write(arguments.out, np.concatenate([grids[0], gap, grids[1]], axis=1))


if __name__ == "__main__":
    main()

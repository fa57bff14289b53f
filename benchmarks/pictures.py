"""Draws a picture of the docs: samples of a SavedModel beside real ones.

python benchmarks/pictures.py --saved_model=saved_models/digits --dataset=digits --out=docs/digits.png

Of a generator that takes classes there is a column for each, in both.
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

    generator, seed = Generator(pathlib.Path(arguments.saved_model)), arguments.seed
    labels = "auto" if generator.conditional else "none"
    source = registry.load(config.Data(dataset=arguments.dataset, labels=labels), settings.Storage())
    columns = drawing.columns_of(source.spec, generator.conditional)
    if columns is None:
        generated = generator.generate(arguments.count, seed)
        rows = np.random.default_rng(seed).permutation(len(source.train))[: arguments.count]
    else:
        generated = generator.generate(columns.count, seed, columns.of_samples)
        rows = columns.real(source.train.labels, seed)
    both = generated, source.train.samples[rows]
    grids = [drawing.picture(source.spec, images, columns=columns) for images in both]
    gap = np.full([grids[0].shape[0], 16, grids[0].shape[2]], 255, np.uint8)
    pathlib.Path(arguments.out).parent.mkdir(exist_ok=True)
    drawing.write(arguments.out, np.concatenate([grids[0], gap, grids[1]], axis=1))


if __name__ == "__main__":
    main()

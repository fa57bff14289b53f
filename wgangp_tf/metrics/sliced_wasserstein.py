"""Sliced Wasserstein distance: the mean over random directions of the Wasserstein-1 distance of projections.

    SW = mean over directions θ of mean over k of |x_(k)·θ − y_(k)·θ|,  both sides sorted, |θ| = 1

Of points and arrays x and y are the samples. Of pictures they are small patches at each level of a Laplacian pyramid,
and the number is the mean over the levels: the finest level is about details, the coarsest about the whole. Levels
halve the sides while the smaller one stays at least 16; a smaller picture is one level. A patch is 7×7 with all
channels, or as large as fits; each channel of the patches of a level is brought to mean 0 and standard deviation 1
first, the real and the generated ones each by their own, so that brightness and contrast of all pictures at once do not
count.

Estimator: n samples of each side, drawn without replacement: as many as the smaller side has, at most 16,384; of
each picture 128 patches, or fewer, so that a level has about 65,536 (at least one a picture); 4 × 128 directions.
It is exact for what was drawn; for the distributions it is too large, the more so the fewer samples: compare at equal n
only. Not multiplied by 1,000, as tables of it often are.

Source: Rabin et al. 2011, "Wasserstein Barycenter and its Application to Texture Mixing"; Karras et al. 2018,
"Progressive Growing of GANs", section 5 (pyramid, patches; they take 2²¹ patches a level); Burt and Adelson 1983 for
the pyramid.
"""

import numpy as np

from wgangp_tf.metrics.evaluator import Measure
from wgangp_tf.metrics.features import Pixels, Rows, block_length

MOST = 2**14  # samples of each side
REPEATS, DIRECTIONS = 4, 128
_MOST_VALUES = 2**26  # of the samples of a side that are no pictures: 512 MB
_PATCH, _PATCHES, _PATCHES_OF_ALL = 7, 128, 2**16
_LEAST_SIDE = 16  # of a level
_FLAT = 1e-9  # a deviation that is rounding: patches of one colour
_BINOMIAL = np.array([1, 4, 6, 4, 1]) / 16
_PIXELS = Pixels()


class SlicedWasserstein(Measure):
    """See `registry.METRICS`: pictures in standard deviations of the patches, others in their units."""

    def prepare(self):
        self.real.keep_rows(_PIXELS)
        shape = self.real.shape
        self._describe = _patches if self.real.pictures else _values
        self._most = MOST if self.real.pictures else max(1, min(MOST, _MOST_VALUES // int(np.prod(shape))))

    def take(self, block):
        self._fake.add(block)

    def result(self):
        size = min(self._most, len(self.real), len(self._fake))
        draws = self.draws(0)
        real_rows, fake_rows = (draws.permutation(count)[:size] for count in (len(self.real), len(self._fake)))
        real = self._describe(lambda rows: self.real.take(_PIXELS, rows), real_rows, self.real.shape, draws)
        fake = self._describe(self._fake.take, fake_rows, self.real.shape, draws)
        return {"sliced_wasserstein": np.mean([sliced(x, y, draws) for x, y in zip(real, fake, strict=True)])}

    def reset(self):
        self._fake = Rows(_PIXELS)


def sliced(some, others, draws):
    """The sliced distance of two sets.

    Args:
      some, others: float64 [n, d].
      draws: numpy generator, of the directions.

    Returns:
      float, in the units of the sets.
    """
    found = []
    for _ in range(REPEATS):
        directions = draws.normal(size=(DIRECTIONS, some.shape[1]))
        directions /= np.linalg.norm(directions, axis=1, keepdims=True)
        apart = np.sort(directions @ some.T, axis=1) - np.sort(directions @ others.T, axis=1)
        found.append(np.abs(apart).mean())
    return float(np.mean(found))


def pyramid(pictures):
    """The Laplacian pyramid: what each level has beyond the next, and the last level itself.

    Args:
      pictures: float64 [n, height, width, channels].

    Returns:
      List of float64 [n, height', width', channels], the finest first; sides are halved and rounded up.
    """
    levels = [pictures]
    while min(levels[-1].shape[1:3]) >= 2 * _LEAST_SIDE:
        smaller = _smooth(levels[-1])[:, ::2, ::2]
        spread = np.zeros_like(levels[-1])
        spread[:, ::2, ::2] = 4 * smaller  # three of four values are 0
        levels[-1] = levels[-1] - _smooth(spread)
        levels.append(smaller)
    return levels


def _smooth(pictures):
    from scipy.ndimage import convolve1d

    for axis in (1, 2):
        pictures = convolve1d(pictures, _BINOMIAL, axis=axis, mode="mirror")
    return pictures


def _values(take, rows, shape, draws):
    """The samples themselves as the one level there is, see `_patches`."""
    del draws
    return [np.concatenate([take(some) for some in _parts(rows, shape)])]


def _patches(take, rows, shape, draws):
    """Patches of pictures at each level, normalised.

    Args:
      take: int64 [m] → float64 [m, height × width × channels], pictures by their places.
      rows: int64 [n], the places.
      shape: (height, width, channels).
      draws: numpy generator, of where the patches lie.

    Returns:
      List over the levels of float64 [patches, values of a patch].
    """
    each = max(1, min(_PATCHES, _PATCHES_OF_ALL // len(rows)))
    parts, corners = [], draws.random((len(rows), each, 2))  # the same part of the picture at every level
    for some, place in zip(_parts(rows, shape), _parts(corners, shape), strict=True):
        parts.append([_cut(level, place) for level in pyramid(take(some).reshape(-1, *shape))])
    return [_normalised(np.concatenate(level)) for level in zip(*parts, strict=True)]


def _parts(rows, shape):
    length = block_length(shape)
    return [rows[start : start + length] for start in range(0, len(rows), length)]


def _cut(pictures, corners):
    """Patches of one level: float64 [n × each, channels, values].

    Args:
      pictures: float64 [n, height, width, channels].
      corners: float64 [n, each, 2] in [0, 1), where between the first and the last place that fits.
    """
    side = min(_PATCH, *pictures.shape[1:3])
    windows = np.lib.stride_tricks.sliding_window_view(pictures, (side, side), axis=(1, 2))
    top, left = (np.int64(corners[..., k] * windows.shape[k + 1]) for k in range(2))
    patches = windows[np.arange(len(pictures))[:, None], top, left]
    return patches.reshape(-1, pictures.shape[-1], side * side)


def _normalised(patches):
    """[patches, channels, values] → [patches, channels × values], each channel with mean 0 and deviation 1."""
    patches = patches - patches.mean(axis=(0, 2), keepdims=True)
    deviation = patches.std(axis=(0, 2), keepdims=True)
    return (patches / np.where(deviation > _FLAT, deviation, 1.0)).reshape(len(patches), -1)

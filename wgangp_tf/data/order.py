"""Which sample comes when: a function of the position in the stream alone."""

import functools

import numpy as np

_USE = 0x0D0E  # keeps these draws apart from other users of the same seed


class Order:
    """The endless stream of epochs over a split: each a true permutation, another one each epoch.

    Nothing needs to be saved to continue: the sample at a position is the same wherever reading begins.
    """

    def __init__(self, count, seed):
        """
        Args:
          count: samples in the split, at least 1.
          seed: int, of the run.
        """
        self.count = count
        self.seed = seed
        # two epochs meet in a read; of sets so small that more do, a permutation is made in no time
        self._permutation = functools.lru_cache(maxsize=2)(self._draw)

    def __call__(self, positions):
        """The index of the sample at each position: int64 [n] ↦ int64 [n] in [0, count)."""
        epochs, within = np.divmod(positions, self.count)
        index = np.empty_like(within)
        for epoch in np.unique(epochs):
            chosen = epochs == epoch
            index[chosen] = self._permutation(int(epoch))[within[chosen]]
        return index

    def _draw(self, epoch):
        drawn = np.random.Generator(np.random.PCG64([self.seed, _USE, epoch])).permutation(self.count)
        return drawn.astype(np.int32)  # half the memory

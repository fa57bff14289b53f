"""How and where a run is carried out: values that may change when a run is continued."""

import dataclasses

from wgangp_tf.config import check_choice, check_range


@dataclasses.dataclass(frozen=True)
class Execution:
    """On which devices.

    Attributes:
      strategy: "auto" (mirrored where there are several GPUs), "one" or "mirrored".
      deterministic: the same bits in every run on one machine.
    """

    strategy: str = "auto"
    deterministic: bool = False

    def __post_init__(self):
        check_choice("strategy", self.strategy, ("auto", "one", "mirrored"))


@dataclasses.dataclass(frozen=True)
class Cadence:
    """How often, in steps.

    Attributes:
      log_every: numbers, curves and histograms.
      sample_every: pictures of the same latents.
      checkpoint_every: everything needed to continue.
      keep_checkpoints: how many of the last checkpoints are kept.
      max_minutes: save and stop after so many minutes of training; None for no limit.
    """

    log_every: int = 100
    sample_every: int = 500
    checkpoint_every: int = 1000
    keep_checkpoints: int = 3
    max_minutes: float | None = None

    def __post_init__(self):
        for name in ("log_every", "sample_every", "checkpoint_every", "keep_checkpoints"):
            check_range(name, getattr(self, name), 1, 1_000_000_000)
        if self.max_minutes is not None:
            check_range("max_minutes", self.max_minutes, 1e-3, 1e6)


@dataclasses.dataclass(frozen=True)
class Storage:
    """Where data comes from and where prepared data is kept.

    Attributes:
      data_dir: the folder of pictures, or tensorflow-datasets' own data directory; None for its default.
      manual_dir: folder with original files that tensorflow-datasets cannot fetch.
      download: whether anything may be fetched from the network.
      cache: "disk" (read by row from files under cache_dir), "memory" or "none" (decoded at each use).
      cache_dir: where prepared data is kept; ~/.cache/wgangp_tf where left out.
      max_bad_files: share of pictures that may be unreadable.
    """

    data_dir: str | None = None
    manual_dir: str | None = None
    download: bool = False
    cache: str = "disk"
    cache_dir: str | None = None
    max_bad_files: float = 0.2

    def __post_init__(self):
        check_choice("cache", self.cache, ("disk", "memory", "none"))
        check_range("max_bad_files", self.max_bad_files, 0, 1)

"""Samples of each architecture by each method, and their quality; real ones beside them."""

from wgangp_tf.figures import number_files, style
from wgangp_tf.samples import drawing

_PANEL = 1.7  # inches


def draw(values, arrays):
    """See `drawing.draw`."""
    methods, architectures = values["methods"], values["architectures"]

    def fill(picture):
        panels = picture.subplots(len(methods), 1 + len(architectures), squeeze=False)
        for row, method in zip(panels, methods, strict=True):
            _picture(row[0], arrays["real"])
            row[0].set_ylabel(method, fontsize=11)
            for axes, name in zip(row[1:], architectures, strict=True):
                key = f"{method} {name}"
                _picture(axes, arrays[f"samples {key}"])
                found = values["found"][key]
                quality = "diverged" if found["diverged"] else f"distance {number_files.said(found['distance'], '.2f')}"
                axes.set_xlabel(quality, fontsize=9)
        for axes, title in zip(panels[0], ("real", *architectures.values()), strict=True):
            axes.set_title(title, fontsize=9)

    width, height = (1 + len(architectures)) * _PANEL, len(methods) * (_PANEL + 0.25) + 0.3
    return style.drawn(width, height, values["caption"], fill)


def _picture(axes, images):
    axes.set(xticks=[], yticks=[])
    axes.grid(False)
    for spine in axes.spines.values():
        spine.set_visible(False)
    if len(images):
        grid = drawing.grid(images)
        axes.imshow(grid[..., 0] if grid.shape[-1] == 1 else grid, cmap="gray", vmin=0, vmax=255)

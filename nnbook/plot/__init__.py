"""Static pictures: arrays or a callable and an ``ax`` in, artists on the ``ax`` out.

Nothing here knows a Tensor, a network or a slider. What can follow new values is drawn once and
returned as ``move``, which shows them with the same artists.
"""

from nnbook.plot.charts import contributions, learning_curve, residuals
from nnbook.plot.diagrams import network, neuron
from nnbook.plot.graphs import graph
from nnbook.plot.matrices import matrix, product
from nnbook.plot.planes import arrow, boundary, contours, half_planes, points, regions, ring
from nnbook.plot.style import (
    COLORS,
    FAINT,
    INK,
    class_color,
    color,
    figure,
    legend,
    neutral_swap,
    sign_color,
    signed,
    style,
    use_theme,
)

__all__ = [
    "COLORS",
    "FAINT",
    "INK",
    "arrow",
    "boundary",
    "class_color",
    "color",
    "contours",
    "contributions",
    "figure",
    "graph",
    "half_planes",
    "learning_curve",
    "legend",
    "matrix",
    "network",
    "neuron",
    "neutral_swap",
    "points",
    "product",
    "regions",
    "residuals",
    "ring",
    "sign_color",
    "signed",
    "style",
    "use_theme",
]

"""What matplotlib draws, written down as strokes that a page can repeat on a canvas.

A picture as pixels has to be made, squeezed, sent, unpacked and decoded, for every step of a
slider. What moves in a figure is a few lines, points and words: written down as paths it is a
hundred times smaller, and a browser draws it at once, sharp at any size.
"""

from __future__ import annotations

import functools
from collections.abc import Mapping
from typing import Any, Final

import numpy as np
from matplotlib.backend_bases import GraphicsContextBase, RendererBase
from matplotlib.font_manager import FontProperties
from matplotlib.path import Path
from matplotlib.textpath import text_to_path
from matplotlib.transforms import Affine2D, Bbox, Transform
from numpy.typing import NDArray

Color = tuple[float, ...]


class Strokes(RendererBase):
    """A matplotlib renderer that draws nothing and remembers everything.

    Coordinates are device pixels from the upper left corner, as those of a canvas.

    Parameters
    ----------
    width, height : int
        Size of the picture in device pixels.
    dpi : float
        Device pixels an inch.
    inks : mapping of str to str, optional
        Colors to write down in place of others, as ``#rrggbb``: those of dark paper.

    Raises
    ------
    NotImplementedError
        While drawing what a canvas has no stroke for: a hatch, a shaded triangle, a filter, a
        sketch, or what is cut along a curve.
    """

    def __init__(
        self, width: int, height: int, dpi: float, inks: Mapping[str, str] | None = None
    ) -> None:
        super().__init__()
        self._inks = inks or {}
        self.width, self.height, self.dpi = width, height, dpi
        self._flip = Affine2D().scale(1, -1).translate(0, height)  # matplotlib counts upwards
        self.begin()

    def begin(self) -> None:
        """Forget what was written down."""
        self._marks: list[dict[str, Any]] = []
        self._points: list[NDArray[np.float32]] = []
        self._codes: list[NDArray[np.uint8]] = []
        self._images: list[bytes] = []

    def written(self) -> dict[str, Any]:
        """Return the strokes in the order they were drawn, as a widget can send them.

        ``marks`` say how to draw; a path takes its ``count`` points from ``points`` (float32, x and
        y in turn) and codes from ``codes`` (those of ``matplotlib.path.Path``), one path after the
        other; an image takes its bytes (RGBA) from ``pixels``.
        """
        return {
            "marks": self._marks,
            "points": b"".join(part.tobytes() for part in self._points),
            "codes": b"".join(part.tobytes() for part in self._codes),
            "pixels": b"".join(self._images),
        }

    def draw_path(
        self,
        gc: GraphicsContextBase,
        path: Path,
        transform: Transform,
        rgbFace: Any = None,
    ) -> None:
        """Write down one path."""
        width = self._line_width(gc)
        shown = path.cleaned(
            transform + self._flip,
            remove_nans=True,
            clip=None if rgbFace is not None else self._clip(width),
            snap=gc.get_snap(),
            stroke_width=width,
            simplify=path.should_simplify and rgbFace is None,
            curves=True,
        )
        self._marks.append(self._look(gc, rgbFace) | {"count": self._keep(shown)})

    def draw_markers(
        self,
        gc: GraphicsContextBase,
        marker_path: Path,
        marker_trans: Transform,
        path: Path,
        trans: Transform,
        rgbFace: Any = None,
    ) -> None:
        """Write down one shape and all the places where it stands."""
        places = (trans + self._flip).transform(path.vertices)
        places = places[np.isfinite(places).all(axis=1)]
        shape = marker_path.cleaned(marker_trans + _UPSIDE_DOWN, remove_nans=True, curves=True)
        mark = self._look(gc, rgbFace) | {"count": self._keep(shape), "places": len(places)}
        self._points.append(places.astype(np.float32))
        self._marks.append(mark)

    def draw_image(
        self,
        gc: GraphicsContextBase,
        x: float,
        y: float,
        im: Any,
        transform: Any = None,
    ) -> None:
        """Write down an image and where its pixels go; it is enlarged by the page."""
        height, width = im.shape[:2]
        place = np.eye(3)
        if transform is not None:  # from an image of its own size to the picture
            place = transform.get_matrix() @ np.diag([1 / width, 1 / height, 1])
        place = (Affine2D().translate(x, y) + self._flip).get_matrix() @ place
        matrix = place[:2].T.ravel().tolist()
        size = {"width": width, "height": height, "matrix": matrix}
        self._marks.append({"image": size, "clip": self._cut(gc), "opacity": gc.get_alpha()})
        self._images.append(im.tobytes())

    def draw_text(
        self,
        gc: GraphicsContextBase,
        x: float,
        y: float,
        s: str,
        prop: FontProperties,
        angle: float,
        ismath: Any = False,
        mtext: Any = None,
    ) -> None:
        """Write down the outlines of a text's letters."""
        size = self.points_to_pixels(prop.get_size_in_points()) / text_to_path.FONT_SCALE
        place = Affine2D().scale(size).rotate_deg(angle).translate(x, self.height - y)
        gc.set_linewidth(0)
        self.draw_path(gc, _outlines(prop, s, ismath), place, rgbFace=gc.get_rgb())

    def start_filter(self) -> None:
        """Refuse a filter: it works on pixels."""
        raise NotImplementedError("filters are not written down as strokes")

    def option_scale_image(self) -> bool:
        """Ask for small images as they are."""
        return True

    def get_canvas_width_height(self) -> tuple[float, float]:
        """Return the size of the picture in device pixels."""
        return self.width, self.height

    def points_to_pixels(self, points: Any) -> Any:
        """Translate printer's points, 72 an inch, to device pixels."""
        return points * self.dpi / 72

    def _look(self, gc: GraphicsContextBase, face: Color | None) -> dict[str, Any]:
        """Return how a path is filled and stroked; what a canvas does by itself is left out."""
        if gc.get_hatch() is not None or gc.get_sketch_params() is not None:
            raise NotImplementedError("hatches and sketches are not written down as strokes")
        look: dict[str, Any] = {"clip": self._cut(gc)}
        if face is not None:
            solid = gc.get_forced_alpha() or len(face) == 3
            look["fill"] = self._hex(face, gc.get_alpha() if solid else face[3])
        width = self._line_width(gc)
        if width:
            look |= {"stroke": self._hex(gc.get_rgb()), "width": width}
            look |= {"cap": _CAPS[gc.get_capstyle()], "join": str(gc.get_joinstyle())}
            look |= self._dashes(gc)
        return {name: value for name, value in look.items() if value is not None}

    def _hex(self, color: Color, alpha: float | None = None) -> str:
        """Write a color with its opacity as CSS does."""
        opacity = alpha if alpha is not None else (color[3] if len(color) > 3 else 1.0)
        ink = "#" + "".join(f"{round(255 * part):02x}" for part in color[:3])
        return f"{self._inks.get(ink, ink)}{round(255 * opacity):02x}"

    def _line_width(self, gc: GraphicsContextBase) -> float:
        return round(float(self.points_to_pixels(gc.get_linewidth())), 3)

    def _dashes(self, gc: GraphicsContextBase) -> dict[str, Any]:
        offset, lengths = gc.get_dashes()
        if lengths is None:
            return {}
        dash = [round(float(self.points_to_pixels(length)), 3) for length in np.ravel(lengths)]
        return {"dash": dash, "dash_offset": float(self.points_to_pixels(offset))}

    def _cut(self, gc: GraphicsContextBase) -> list[float] | None:
        """Return x, y, width and height of what is not cut away; None for everything."""
        if gc.get_clip_path()[0] is not None:
            raise NotImplementedError("what is cut along a curve is not written down as strokes")
        box: Bbox | None = gc.get_clip_rectangle()
        if box is None:
            return None
        return [round(float(part), 2) for part in box.transformed(self._flip).bounds]

    def _clip(self, width: float) -> tuple[float, float, float, float]:
        """Return a frame around the picture; what a line has far outside is cut off."""
        return (-width, -width, self.width + width, self.height + width)

    def _keep(self, path: Path) -> int:
        codes = np.asarray(path.codes, dtype=np.uint8)
        drawn = codes != Path.STOP
        points = np.asarray(path.vertices, dtype=np.float32)[drawn]
        self._points.append(points)
        self._codes.append(codes[drawn])
        return len(points)


_UPSIDE_DOWN: Final = Affine2D().scale(1, -1)
_CAPS: Final = {"butt": "butt", "round": "round", "projecting": "square"}


@functools.lru_cache(maxsize=4096)
def _outlines(prop: FontProperties, text: str, is_math: Any) -> Path:
    """Return the letters of a text, at the size that fonts are read in.

    A slider shows the same few hundred numbers again and again.
    """
    vertices, codes = text_to_path.get_text_path(prop, text, ismath=is_math)
    return Path(vertices, codes)

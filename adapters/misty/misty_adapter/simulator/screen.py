"""Misty's screen: her eyes, pictures and texts in layers, and blinking."""

from __future__ import annotations

import io
import random
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from misty_adapter.simulator import faces
from misty_adapter.simulator.api.errors import BadArgument
from misty_adapter.simulator.assets import AssetStore
from misty_adapter.simulator.world import World

if TYPE_CHECKING:
    from PIL.Image import Image

BLINK_DEFAULTS = {"openEyeMinMs": 1000, "openEyeMaxMs": 8000, "closedEyeMinMs": 100, "closedEyeMaxMs": 200}
"""How long eyes stay open and closed, in milliseconds (documented)."""

PIXELS = 4096 * 4096
"""Largest picture (assumed)."""

LAYERS = 50
"""Most layers (assumed)."""

IMAGE_LAYER = "DefaultImageLayer"
"""Where pictures are shown when no layer is named."""


@dataclass
class Layer:
    """Something over the eyes."""

    kind: str
    """`image`, `text`, `video` or `web`."""
    content: str = ""
    """Name of a file, a text, or an address."""
    opacity: float = 1.0
    visible: bool = True
    options: dict[str, Any] = field(default_factory=dict)
    """The other settings, as they came."""


class Screen:
    """See the module's docstring."""

    def __init__(self, world: World, assets: AssetStore, seed: int) -> None:
        """Show open eyes; `seed` decides when they blink."""
        self._world = world
        self._assets = assets
        self._dice = random.Random(f"{seed} blinks")
        self._recorded: bytes | None = None
        self.layers: dict[str, Layer] = {}
        """By name, the later ones over the earlier."""
        self.base = faces.DEFAULT
        """The picture that is her eyes."""
        self.blinks = True
        self.blink_settings: dict[str, int] = dict(BLINK_DEFAULTS)
        self.blink_images: dict[str, str] = {}
        """The picture that is shown for a blink, by the picture that is shown otherwise."""
        self._closes = self._opens = world.clock.now()
        self._plan_blink()

    def show(self, kind: str, content: str, layer: str | None, opacity: float | None = None) -> None:
        """Put something into a layer; an empty content clears it.

        Raises:
            BadArgument: there are too many layers.
        """
        name = layer or {"image": IMAGE_LAYER}.get(kind, f"Default{kind.capitalize()}Layer")
        if not content:
            self.layers.pop(name, None)
        else:
            self._check_room(name)
            before = self.layers.get(name)
            options = before.options if before is not None and before.kind == kind else {}
            self.layers[name] = Layer(kind, content, 1.0 if opacity is None else opacity, True, options)
        self.changed()

    def configure(self, kind: str, layer: str | None, values: dict[str, Any]) -> None:
        """Change the settings of a layer: of `values` only those that are not None.

        Raises:
            BadArgument: there are too many layers.
        """
        name = layer or {"image": IMAGE_LAYER}.get(kind, f"Default{kind.capitalize()}Layer")
        given = {key: value for key, value in values.items() if value is not None}
        if given.pop("Deleted", False):
            self.layers.pop(name, None)
        elif given.pop("RevertToDefault", False):
            if name in self.layers:
                self.layers[name] = Layer(kind, self.layers[name].content)
        else:
            self._check_room(name)
            target = self.layers.setdefault(name, Layer(kind))
            target.opacity = given.pop("Opacity", target.opacity)
            target.visible = given.pop("Visible", target.visible)
            if given.pop("PlaceOnTop", False):
                self.layers[name] = self.layers.pop(name)
            target.options |= given
        self.changed()

    def revert(self) -> None:
        """Only the open eyes."""
        self.layers.clear()
        self.base = faces.DEFAULT
        self.changed()

    def configure_blinking(self, values: dict[str, Any]) -> None:
        """Change the times and pictures of blinks: of `values` only those that are not None.

        Raises:
            BadArgument: least times are longer than greatest ones, or BlinkImages is not "open=closed,...".
        """
        if values["RevertToDefault"]:
            self.blink_settings, self.blink_images = dict(BLINK_DEFAULTS), {}
        times = {name: values[name[0].upper() + name[1:]] for name in BLINK_DEFAULTS}
        settings = self.blink_settings | {name: value for name, value in times.items() if value is not None}
        for eye in ("open", "closed"):
            if settings[f"{eye}EyeMinMs"] > settings[f"{eye}EyeMaxMs"]:
                raise BadArgument(f"The least time of {eye} eyes is longer than the greatest.")
        pairs = [pair.split("=") for pair in (values["BlinkImages"] or "").split(",") if pair.strip()]
        if any(len(pair) != 2 for pair in pairs):
            raise BadArgument('BlinkImages must be "open.jpg=closed.jpg,...".')
        self.blink_settings = settings
        self.blink_images |= {shown.strip(): closed.strip() for shown, closed in pairs}
        self._opens = self._world.clock.now()
        self._plan_blink()

    def closed(self) -> bool:
        """Whether the eyes are closed for a blink at this moment."""
        now = self._world.clock.now()
        if now > self._opens + 60:  # nobody has looked for a while
            self._opens = now
            self._plan_blink()
        while now >= self._opens:
            self._plan_blink()
        return self.blinks and now >= self._closes

    def changed(self) -> None:
        """Record the screen, if it looks different from what was recorded last."""
        recording = self._world.recording
        recording.event("screen", layers={name: [layer.kind, layer.content] for name, layer in self.layers.items()})
        if recording.folder is None:
            return
        pixels = self.pixels(blink=False)
        if pixels.tobytes() != self._recorded:
            self._recorded = pixels.tobytes()
            recording.event("face", picture=recording.picture("face", pixels))

    def pixels(self, blink: bool) -> npt.NDArray[np.uint8]:
        """What the screen shows, shape (272, 480, 3)."""
        from PIL import Image

        picture = self._picture(self.base, blink)
        for layer in self.layers.values():
            if layer.visible and layer.content:
                over = self._drawn(layer, blink)
                clear = Image.new("RGBA", picture.size)
                clear.alpha_composite(over, ((clear.width - over.width) // 2, (clear.height - over.height) // 2))
                clear.putalpha(clear.getchannel("A").point(lambda alpha, share=layer.opacity: round(alpha * share)))
                picture = Image.alpha_composite(picture.convert("RGBA"), clear).convert("RGB")
        return np.asarray(picture, np.uint8)

    def _drawn(self, layer: Layer, blink: bool) -> Image:
        from PIL import Image, ImageDraw, ImageFont, ImageOps

        if layer.kind == "image" and self._assets.find("images", layer.content) is not None:
            return ImageOps.contain(self._picture(layer.content, blink).convert("RGBA"), faces.SIZE)
        canvas = Image.new("RGBA", faces.SIZE)
        options = layer.options
        colour = tuple(int(options.get(name, 255)) for name in ("Red", "Green", "Blue"))
        words = layer.content if layer.kind == "text" else f"[{layer.kind}] {layer.content}"
        font = ImageFont.load_default(size=max(4, min(int(options.get("Size", 40)), 200)))
        ImageDraw.Draw(canvas).text((240, 136), words[:500], fill=(*colour, 255), font=font, anchor="mm")
        return canvas

    def _picture(self, name: str, blink: bool) -> Image:
        from PIL import Image

        if blink:
            name = self.blink_images.get(name, faces.CLOSED if name == self.base else name)
        asset = self._assets.find("images", name)
        if asset is None or asset.system:
            return faces.eyes(asset.name if asset is not None else faces.DEFAULT)
        with Image.open(io.BytesIO(asset.data)) as picture:
            return picture.convert("RGBA")

    def _check_room(self, layer: str) -> None:
        if layer not in self.layers and len(self.layers) >= LAYERS:
            raise BadArgument("There are too many layers.")

    def _plan_blink(self) -> None:
        settings = self.blink_settings
        self._closes = self._opens + self._dice.uniform(settings["openEyeMinMs"], settings["openEyeMaxMs"]) / 1e3
        closed_ms = self._dice.uniform(settings["closedEyeMinMs"], settings["closedEyeMaxMs"])
        self._opens = self._closes + max(closed_ms, 1.0) / 1e3


def fit_picture(data: bytes, width: int | None, height: int | None) -> tuple[bytes, tuple[int, int]]:
    """A picture file, made smaller where `width` and `height` are given and it exceeds them, and its size in pixels.

    Raises:
        BadArgument: it is no picture, or a far too large one.
    """
    from PIL import Image, UnidentifiedImageError

    try:
        with Image.open(io.BytesIO(data)) as picture:
            if picture.width * picture.height > PIXELS:
                raise BadArgument("The picture has too many pixels.")
            picture.load()
            if width and height and (picture.width > width or picture.height > height):
                target = io.BytesIO()
                smaller = picture.copy()
                smaller.thumbnail((width, height))
                smaller.save(target, picture.format)
                return target.getvalue(), smaller.size
            return data, picture.size
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError, Image.DecompressionBombError):
        raise BadArgument("The file is no picture.") from None

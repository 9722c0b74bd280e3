"""Domain randomisation: what differs from episode to episode, so that a model learns not to mind.

Every switch is off until it is named. A range is (least, most); each car draws a value from it, all
values equally likely, when its episode starts.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

Range = tuple[float, float]


def _between(low: float, high: float) -> AfterValidator:
    """Checks that a range is the right way round and stays within these limits."""

    def check(value: Range) -> Range:
        if not low <= value[0] <= value[1] <= high:
            raise ValueError(
                f"A range is from {value[0]:g} to {value[1]:g}; write the least value first, and "
                f"stay between {low:g} and {high:g}."
            )
        return value

    return AfterValidator(check)


class _Switch(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class LightRange(_Switch):
    """How bright the picture is, and from which side the light falls."""

    brightness: Annotated[Range, _between(-120, 120)] = Field(
        (-40, 40), description="grey levels (of 255) added to the picture"
    )
    contrast: Annotated[Range, _between(0.2, 3)] = Field(
        (0.6, 1.4), description="factor on the distance from mid-grey"
    )
    gradient: Annotated[Range, _between(0, 160)] = Field(
        (0, 60), description="grey levels from the dark to the bright edge, in any direction"
    )


class ColourRange(_Switch):
    """Colours of road, lines, dashes, field, sky and objects, each drawn for itself."""

    shade: Annotated[Range, _between(-120, 120)] = Field(
        (-30, 30), description="levels (of 255) added to all three channels"
    )
    tint: Annotated[Range, _between(-120, 120)] = Field(
        (-25, 25), description="levels added to each channel for itself"
    )


class TextureRange(_Switch):
    """Patches that lie on the ground, and noise of the lens."""

    patches: Annotated[Range, _between(0, 80)] = Field(
        (0, 25), description="levels by which patches on the ground differ at most"
    )
    patch_m: Annotated[Range, _between(0.05, 3)] = Field(
        (0.1, 0.6), description="size of the patches in metres"
    )
    noise: Annotated[Range, _between(0, 40)] = Field(
        (0, 8), description="standard deviation of the noise of each pixel, in levels"
    )


class CameraRange(_Switch):
    """Where the camera sits, against the car's design."""

    height_m: Annotated[Range, _between(-0.06, 0.2)] = Field(
        (-0.02, 0.02), description="higher by so many metres"
    )
    pitch_deg: Annotated[Range, _between(-12, 12)] = Field(
        (-3, 3), description="turned down by so many degrees"
    )
    turn_deg: Annotated[Range, _between(-12, 12)] = Field(
        (-3, 3), description="turned to the left by so many degrees"
    )


class BlurRange(_Switch):
    """How sharp the picture is."""

    blur: Annotated[Range, _between(0, 1)] = Field(
        (0, 1), description="0 is sharp, 1 the mean of 3 × 3 pixels"
    )


class FrictionRange(_Switch):
    """How well the tyres hold."""

    grip: Annotated[Range, _between(0.2, 3)] = Field(
        (0.7, 1.3), description="factor on the sideways grip of the tyres"
    )


class ActuatorRange(_Switch):
    """How steering and motor answer."""

    steering_gain: Annotated[Range, _between(0.3, 2)] = Field(
        (0.85, 1.15), description="factor on the steering angle"
    )
    steering_offset_deg: Annotated[Range, _between(-10, 10)] = Field(
        (-2, 2), description="degrees to the left that the steering is off"
    )
    speed_gain: Annotated[Range, _between(0.3, 2)] = Field(
        (0.85, 1.15), description="factor on the speed"
    )
    response: Annotated[Range, _between(0.5, 10)] = Field(
        (0.7, 2.5), description="factor on the time that steering and motor take to answer"
    )


class LatencyRange(_Switch):
    """How late actions take effect."""

    delay_s: Annotated[Range, _between(0, 0.2)] = Field(
        (0, 0.08), description="seconds between a picture and the effect of its action"
    )


SWITCHES: Mapping[str, type[_Switch]] = {
    "light": LightRange,
    "colours": ColourRange,
    "texture": TextureRange,
    "camera": CameraRange,
    "blur": BlurRange,
    "friction": FrictionRange,
    "actuators": ActuatorRange,
    "latency": LatencyRange,
}
"""The names under which they are switched on, and what they hold."""


ALL = "all"


class RandomisationSpec(BaseModel):
    """What is drawn anew for each episode; nothing, unless it is named."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    light: LightRange | None = Field(None, description="brightness, contrast, gradient")
    colours: ColourRange | None = Field(None, description="of road, lines, field, sky, objects")
    texture: TextureRange | None = Field(None, description="patches on the ground, lens noise")
    camera: CameraRange | None = Field(None, description="its height, pitch and sideways turn")
    blur: BlurRange | None = Field(None, description="of the picture")
    friction: FrictionRange | None = Field(None, description="grip of the tyres")
    actuators: ActuatorRange | None = Field(None, description="gain, offset and lag")
    latency: LatencyRange | None = Field(None, description="late actions")

    @model_validator(mode="before")
    @classmethod
    def _read_names(cls, value: Any) -> Any:
        """Take a list of names too: the switches to turn on with their usual ranges."""
        if not isinstance(value, str | list | tuple):
            return value
        names = [value] if isinstance(value, str) else list(value)
        known = (ALL, *SWITCHES)
        unknown = [name for name in names if not isinstance(name, str) or name not in known]
        if unknown:
            raise ValueError(
                f"There is no randomisation {unknown[0]!r}; choose from {', '.join(SWITCHES)}, or "
                f"{ALL} for all of them."
            )
        return {name: {} for name in (SWITCHES if ALL in names else names)}

    @property
    def is_on(self) -> bool:
        """Whether anything is drawn at all."""
        return any(getattr(self, name) is not None for name in SWITCHES)

    @property
    def changes_pictures(self) -> bool:
        """Whether the camera sees anything of it."""
        seen = ("light", "colours", "texture", "camera", "blur")
        return any(getattr(self, name) is not None for name in seen)

    @property
    def summary(self) -> str:
        """The names that are switched on."""
        names = [name for name in SWITCHES if getattr(self, name) is not None]
        return ", ".join(names) or "nothing"


def with_ranges_of(names: Sequence[str], known: RandomisationSpec) -> Any:
    """Some switches, with the ranges that another document gives them where it does.

    Args:
        names: switches, or `all`.
        known: what to take ranges from.

    Returns:
        What `RandomisationSpec` reads; wrong names are left for it to refuse.
    """
    wanted = list(SWITCHES) if ALL in names else list(names)
    if any(name not in SWITCHES for name in wanted):
        return list(names)
    return {name: getattr(known, name) or {} for name in wanted}

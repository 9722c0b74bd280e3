"""Fields made from the documents themselves: label, help and range are those of the class."""

from __future__ import annotations

from typing import Any

from annotated_types import Ge, Gt, Le, Lt
from pydantic import BaseModel

from racecraft.interfaces.web.widgets.fields import About, Changed, NumberField

__all__ = ["About", "about_field", "number_field", "range_of"]


def about_field(document: type[BaseModel], name: str, *, label: str = "") -> About:
    """Label and help of a document's field, the range included.

    Args:
        document: the class.
        name: of the field.
        label: when the field's name in words will not do.
    """
    info = document.model_fields[name]
    text = (info.description or "").strip()
    text = text[:1].upper() + text[1:]
    low, high = range_of(document, name)
    if low is not None and high is not None:
        text = f"{text}. From {low:g} to {high:g}." if text else f"From {low:g} to {high:g}."
    elif text and not text.endswith("."):
        text += "."
    return About(label or name.replace("_", " ").capitalize(), text)


def range_of(document: type[BaseModel], name: str) -> tuple[float | None, float | None]:
    """Least and greatest value of a document's field, where it has them."""
    low: float | None = None
    high: float | None = None
    for rule in document.model_fields[name].metadata:
        if isinstance(rule, Ge | Gt):
            low = float(rule.ge if isinstance(rule, Ge) else rule.gt)  # type: ignore[arg-type]
        elif isinstance(rule, Le | Lt):
            high = float(rule.le if isinstance(rule, Le) else rule.lt)  # type: ignore[arg-type]
    return low, high


def number_field(
    document: type[BaseModel],
    name: str,
    value: float | None,
    on_change: Changed | None = None,
    *,
    label: str = "",
    unit: str = "",
) -> NumberField:
    """A number field for a document's field, with its range.

    Args:
        document: the class.
        name: of the field.
        value: what stands in it at first.
        on_change: gets the new number, or None.
        label: when the field's name in words will not do.
        unit: behind the number.
    """
    low, high = range_of(document, name)
    limits: dict[str, Any] = {"min": low, "max": high, "step": "any"}
    return NumberField(
        about_field(document, name, label=label), value, on_change, unit=unit, **limits
    )

"""Dark colours as light ones: paper is white."""

from __future__ import annotations

from dataclasses import fields

from core.figures.palette import PALETTES, Palette


def _colours(palette: Palette) -> list[str]:
    """List the colours of a palette, as they stand in a figure: whole, and as the numbers of a faint one."""
    found: list[str] = []
    for field in fields(palette):
        value = getattr(palette, field.name)
        for each in (value,) if isinstance(value, str) else value:
            colour = (each if isinstance(each, str) else each[1]).lower()
            found += [colour, ",".join(str(int(colour[i : i + 2], 16)) for i in (1, 3, 5))]
    return found


LIGHT: dict[str, str] = dict(zip(_colours(PALETTES["dark"]), _colours(PALETTES["light"]), strict=True))
"""Colour of the dark palette → that of the light one; "#rrggbb", or "r,g,b" of a faint one."""

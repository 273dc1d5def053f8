"""Read a Dockerfile and its .dockerignore, as far as this project's go."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath


@dataclass(frozen=True)
class Instruction:
    """Hold an instruction: its name, its flags such as from, and the rest."""

    name: str
    text: str
    flags: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Stage:
    """Hold a stage: the image that it starts from, its name and its instructions."""

    image: str
    name: str
    instructions: tuple[Instruction, ...]


def read_stages(text: str) -> list[Stage]:
    """Return the stages of a Dockerfile in their order.

    Example:
        >>> first, second = read_stages("FROM a AS b\\nRUN x \\\\\\n  y\\nFROM c\\nCOPY --from=b /p /q")
        >>> first.instructions[0].text, second.instructions[0].flags
        ('x y', {'from': 'b'})
    """
    lines = [line for line in text.splitlines() if line.strip() and not line.lstrip().startswith("#")]
    whole = re.sub(r"\\\n\s*", "", "\n".join(lines))
    found: list[tuple[str, str, list[Instruction]]] = []
    for line in whole.splitlines():
        name, _, rest = line.strip().partition(" ")
        if name == "FROM":
            image, _, alias = rest.partition(" AS ")
            found.append((image, alias, []))
            continue
        flags = {}
        while name in ("RUN", "COPY") and (flag := re.match(r"--([a-z]+)=(\S+)\s+", rest)):
            flags[flag[1]], rest = flag[2], rest[flag.end() :]
        found[-1][2].append(Instruction(name, rest.strip(), flags))
    return [Stage(image, name, tuple(instructions)) for image, name, instructions in found]


def context_files(folder: Path, source: str = ".") -> list[str]:
    """Return the files that COPY takes from a folder: those of a source that .dockerignore lets through."""
    rules = [line.strip() for line in (folder / ".dockerignore").read_text().splitlines()]
    rules = [rule for rule in rules if rule and not rule.startswith("#")]
    if source != ".":
        return [source] if is_sent(source, rules) else []
    tops = sorted(path for path in folder.iterdir() if path.is_file() or _may_hold_sent(path.name, rules))
    files = (file for top in tops for file in (sorted(top.rglob("*")) if top.is_dir() else [top]) if file.is_file())
    names = (file.relative_to(folder).as_posix() for file in files)
    return [name for name in names if is_sent(name, rules)]


def is_sent(name: str, rules: list[str]) -> bool:
    """Return whether a file is sent to the build: the last rule that matches it, or a folder above it, decides.

    Example:
        >>> rules = ["*", "!core", "**/__pycache__"]
        >>> [is_sent(name, rules) for name in ("core/a.py", "core/__pycache__/a.pyc", "data/runs.sqlite")]
        [True, False, False]
    """
    places = [name, *(parent.as_posix() for parent in PurePosixPath(name).parents)][:-1] or [name]
    sent = True
    for rule in rules:
        if any(_pattern(rule.lstrip("!").strip("/")).fullmatch(place) for place in places):
            sent = rule.startswith("!")
    return sent


def _may_hold_sent(top: str, rules: list[str]) -> bool:
    """Return whether files beneath a folder can be sent, which spares a walk through the others."""
    return is_sent(top, rules) or any(rule.startswith(f"!{top}/") for rule in rules)


def _pattern(rule: str) -> re.Pattern[str]:
    parts = re.split(r"(\*\*/|\*\*|\*|\?)", rule)
    written = {"**/": "(?:.*/)?", "**": ".*", "*": "[^/]*", "?": "[^/]"}
    return re.compile("".join(written.get(part, re.escape(part)) for part in parts))

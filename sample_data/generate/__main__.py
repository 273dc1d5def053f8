"""Regenerate a sample, its data card and its cross-check figure; without a name, all samples as bundled.

python -m sample_data.generate boosted_w --events 60000 --seed 1 --workers 2 --out sample_data/boosted_w.parquet
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import time
from pathlib import Path

from . import shards

BUNDLED = {"boosted_w": 60000, "dimuon": 30000, "radiative_b": 30000, "resonance": 20000}


def arguments(argv: list[str] | None = None) -> argparse.Namespace:
    """Parse the command line."""
    parser = argparse.ArgumentParser(prog="python -m sample_data.generate", description=__doc__.splitlines()[0])
    parser.add_argument("name", nargs="?", choices=shards.NAMES, help="which sample (default: all)")
    parser.add_argument("--events", type=int, help="rows of each class (default: as bundled)")
    parser.add_argument("--signal", type=int, help="rows of the signal, where they differ from the background's")
    parser.add_argument("--seed", type=int, default=1, help="everything random follows from it (default 1)")
    parser.add_argument(
        "--workers", type=int, default=os.cpu_count() or 1, help="processes; the result does not depend on it"
    )
    parser.add_argument("--out", type=Path, help="parquet file; card (.md) and figure (.png) go beside it")
    parser.add_argument("--checkpoint", type=Path, help="keep finished shards here and go on from them")
    return parser.parse_args(argv)


def run(name: str, args: argparse.Namespace, folder: Path) -> None:
    """Make the shards of sample `name` in `folder`, then the three files."""
    from .card import write_card
    from .plot import draw
    from .write import assemble, metadata, write

    start = time.time()
    sample = shards.load(name)
    tasks = shards.plan(name, args.events or BUNDLED[name], args.seed, folder, args.signal)
    shards.make_all(tasks, args.workers)
    table, summary = assemble(sample, tasks, args.seed)
    about = metadata(sample, table, summary, args.seed)
    out = args.out or Path(__file__).parents[1] / f"{name}.parquet"
    out.parent.mkdir(parents=True, exist_ok=True)
    write(sample, table, about, out)
    write_card(sample, table, about, out.with_suffix(".md"))
    draw(sample, table, out.with_suffix(".png"))
    megabytes = out.stat().st_size / 1e6
    print(f"{out}: {len(table['label']):,} rows, {megabytes:.1f} MB, {time.time() - start:.0f} s", file=sys.stderr)


def main() -> None:
    """Entry point."""
    args = arguments()
    if args.out and not args.name:
        sys.exit("--out needs the name of one sample")
    with tempfile.TemporaryDirectory() as temporary:
        folder = args.checkpoint or Path(temporary)
        folder.mkdir(parents=True, exist_ok=True)
        for name in [args.name] if args.name else shards.NAMES:
            run(name, args, folder)


if __name__ == "__main__":
    main()

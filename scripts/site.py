"""Bring README, data cards and the notebook, which lie or read best elsewhere, into the site of mkdocs.yml."""

import re
from pathlib import Path, PurePosixPath
from posixpath import normpath, relpath

import nbformat
from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files
from mkdocs.structure.pages import Page

ROOT = Path(__file__).parents[1]

SAMPLES = ROOT / "sample_data"
PLACES = {
    "README.md": "index.md",
    "CONTRIBUTING.md": "contributing.md",
    "LICENSE": "license.md",
    "CITATION.cff": "CITATION.cff",
    "benchmarks/RESULTS.md": "benchmarks.md",
    "sample_data/README.md": "samples.md",
    **{f"sample_data/{path.name}": f"samples/{path.name}" for path in sorted(SAMPLES.glob("[!R]*.[mp][dn]*"))},
    "docs/tutorials/plain-python.ipynb": "tutorials/plain-python.md",
}
"""Files of the repository, and the pages or files of the site that they become; all else of docs/ stays in place."""
SOURCES = {place: source for source, place in PLACES.items()}
LINK = re.compile(r"(?<=\]\()(?![a-z]+:|#)([^)#\s]+)")


def on_config(config: MkDocsConfig) -> MkDocsConfig:
    """Leave out the page of a missing address: its links would need to know under which address the site is read."""
    config.theme.static_templates.discard("404.html")
    return config


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Add the pages that lie elsewhere."""
    for source, place in PLACES.items():
        path = ROOT / source
        if path.suffix in (".png", ".cff"):
            files.append(File.generated(config, place, abs_src_path=str(path)))
        else:
            text = notebook_page(path.read_text("utf-8")) if path.suffix == ".ipynb" else path.read_text("utf-8")
            files.append(File.generated(config, place, content=f"# Licence\n\n{text}" if source == "LICENSE" else text))
    notebooks = [each for each in files if each.src_uri.endswith(".ipynb")]
    for each in notebooks:
        files.remove(each)
    return files


def on_page_markdown(markdown: str, page: Page, config: MkDocsConfig, files: Files) -> str:
    """Point links at the places that files have in the site."""
    here = page.file.src_uri
    folder = PurePosixPath(SOURCES.get(here, f"docs/{here}")).parent

    def moved(link: re.Match[str]) -> str:
        source = normpath(str(folder / link[1]))
        place = PLACES.get(source, source.removeprefix("docs/"))
        return relpath(place, str(PurePosixPath(here).parent))

    return LINK.sub(moved, markdown)


def notebook_page(text: str) -> str:
    """Return a notebook as Markdown: its cells, and beneath each what it printed."""
    parts = []
    for cell in nbformat.reads(text, as_version=4).cells:
        if cell.cell_type == "markdown":
            parts.append(cell.source)
            continue
        parts.append(f"```python\n{cell.source}\n```")
        printed = "".join(printed_text(output) for output in cell.outputs)
        if printed:
            parts.append(f"```text\n{printed.rstrip()}\n```")
    return "\n\n".join(parts) + "\n"


def printed_text(output: nbformat.NotebookNode) -> str:
    """Return the plain text of one output of a cell."""
    return output.text if output.output_type == "stream" else output.data.get("text/plain", "") + "\n"

"""Execute the notebook of the documentation and keep what it prints: python -m scripts.notebook."""

import nbformat
from nbclient import NotebookClient
from nbformat import NotebookNode

from scripts.server import ROOT

NOTEBOOK = ROOT / "docs" / "tutorials" / "plain-python.ipynb"
SECONDS_A_CELL = 120


def executed() -> NotebookNode:
    """Return the notebook with what its cells print now, and nothing of when or how often they ran."""
    notebook = nbformat.read(NOTEBOOK, as_version=4)
    place = {"metadata": {"path": str(ROOT)}}
    client = NotebookClient(
        notebook, kernel_name="python3", timeout=SECONDS_A_CELL, resources=place, coalesce_streams=True
    )
    client.create_kernel_manager().transport = "ipc"  # no port for others to listen on
    client.execute()
    for cell in notebook.cells:
        cell.metadata = {}
        if cell.cell_type == "code":
            cell.execution_count = None
    return notebook


def printed(notebook: NotebookNode) -> list[str]:
    """Return what each cell of code printed."""
    cells = [cell for cell in notebook.cells if cell.cell_type == "code"]
    return ["".join(output.get("text", "") for output in cell.outputs) for cell in cells]


if __name__ == "__main__":
    nbformat.write(executed(), NOTEBOOK)

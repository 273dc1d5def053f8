"""From files to events: inspect, guess roles, derive, select, check, load."""

from core.events.drop import drop_invalid
from core.events.expressions import Expression, evaluate, parse_expression
from core.events.findings import ColumnQuality, Finding
from core.events.labels import label_values, require_labelled
from core.events.quality import QualityReport, quality_of_file, quality_report
from core.events.roles import RoleGuess, guess_roles, roles_from_guesses
from core.events.samples import Sample, list_samples, sample_path
from core.events.source import inspect_file
from core.events.spec import DatasetSpec, Limits, load_events, stream_events
from core.events.summary import ColumnSummary, FileSummary
from core.events.table import Column, EventClass, EventTable, Role, Roles, effective_number
from core.events.toys import gaussian_pair, sculpting_toy, shifted_gaussians
from core.events.uploads import keep_upload

__all__ = [
    "Column",
    "ColumnQuality",
    "ColumnSummary",
    "DatasetSpec",
    "EventClass",
    "EventTable",
    "Expression",
    "FileSummary",
    "Finding",
    "Limits",
    "QualityReport",
    "Role",
    "RoleGuess",
    "Roles",
    "Sample",
    "drop_invalid",
    "effective_number",
    "evaluate",
    "gaussian_pair",
    "guess_roles",
    "inspect_file",
    "keep_upload",
    "label_values",
    "list_samples",
    "load_events",
    "parse_expression",
    "quality_of_file",
    "quality_report",
    "require_labelled",
    "roles_from_guesses",
    "sample_path",
    "sculpting_toy",
    "shifted_gaussians",
    "stream_events",
]

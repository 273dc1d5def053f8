"""The ideas as far as events without a label can show them."""

from functools import partial

from core.events.spec import DatasetSpec
from core.figures.matrix import matrix_figure
from core.figures.pair import density_figure, pointwise_figure
from core.guide.unlabelled import explained
from core.guide.words import explained_words, ranked_words
from core.information import PairMap
from core.tables.matrix import matrix_table
from core.tables.pair import pair_table
from views.parts.frame.state import mode
from views.parts.guide.cached import beside_of, most_telling_of, ranked_of
from views.parts.guide.screens import Drawn, Screen, Way, lacking

NO_LABEL = (
    "More needs a label, the column that is 1 for signal and 0 for background; two files, or sidebands and a signal "
    "region, can be the two classes."
)
NEEDS_LABEL = NO_LABEL.replace("More needs", "This needs")


def where_figure(pair: PairMap) -> Drawn:
    """Draw where two variables share information."""
    return pointwise_figure(pair, mode(), measure="npmi"), partial(pair_table, pair)


def unlabelled_sculpting(spec: DatasetSpec, question: str, protected: str) -> Screen:
    """Show the variable that knows most of a protected one."""
    pair, ranked = _ranked(spec, protected)
    figures = {"known": (density_figure(pair, mode()), partial(pair_table, pair)), "where": where_figure(pair)}
    return Screen(question, ranked_words(pair, ranked)[:1], figures, _pair_way(pair, protected), NO_LABEL)


def unlabelled_unlearning(spec: DatasetSpec, question: str, protected: str) -> Screen:
    """Show that variable, and its rank at fixed value of the protected one."""
    pair, ranked = _ranked(spec, protected)
    figures = {"before": where_figure(pair), "after": where_figure(ranked)}
    return Screen(question, ranked_words(pair, ranked), figures, _pair_way(pair, protected), NO_LABEL)


def unlabelled_disentangling(spec: DatasetSpec, question: str, protected: str, title: str) -> Screen:
    """Show what pairs share, and what is left of it once the protected variable is known."""
    if len(set(spec.roles.features) - {protected}) < 2:
        return lacking(question, NEEDS_LABEL)
    given = beside_of(spec, protected)
    figures = {each: (matrix_figure(given, each, mode()), partial(matrix_table, given)) for each in ("mi", "given_mi")}
    state = {"measure": "given_mi", "given": protected}
    way = Way("views/information.py", f"The matrix of what pairs share once {title} is known.", state, state)
    return Screen(question, explained_words(explained(given), title), figures, way, NO_LABEL)


def _pair_way(pair: PairMap, protected: str) -> Way:
    return Way("views/pair.py", "The page Pair with these two.", {"x": pair.x.column.name, "y": protected})


def _ranked(spec: DatasetSpec, protected: str) -> tuple[PairMap, PairMap]:
    return ranked_of(spec, most_telling_of(spec, protected, "all").names[0], protected)

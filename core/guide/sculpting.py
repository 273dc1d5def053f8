"""One cut on one variable: what it does to the spectrum of a protected one, before and after it is made flat."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from core.errors import DataError
from core.evaluation.evaluate import Evaluation, evaluate
from core.events.table import EventTable
from core.guide.flatten import rank_at_mass
from core.guide.halves import two_halves
from core.guide.ratio import likelihood_ratio
from core.information.relevance import Relevance
from core.results import Estimate

REPLICAS = 20


@dataclass(frozen=True)
class OneCut:
    """Hold what a cut on the likelihood ratio of one variable does, as it is and made flat.

    Args:
        feature: the variable.
        feature_title: its symbol as in print.
        protected: the protected variable.
        protected_title: its symbol as in print.
        about_label: I(x; label) at even odds, in nats.
        about_protected: I(x; m) on background, in nats.
        n_fit: events on which ratio and ranks are fitted.
        plain: the score as it is, on the other events.
        flat: its rank among the background at the event's own m, on the same events.
    """

    feature: str
    feature_title: str
    protected: str
    protected_title: str
    about_label: Estimate
    about_protected: Estimate
    n_fit: int
    plain: Evaluation
    flat: Evaluation


def telling_both(label: Relevance, protected: Relevance) -> str:
    """Return the variable that tells most of both the label and the protected variable: the largest product.

    Args:
        label: what the variables tell about the label.
        protected: what they tell about the protected variable.

    Raises:
        DataError: no variable tells of either.
    """
    leaked = dict(zip(protected.names, np.maximum(protected.mi, 0), strict=True))
    products = {
        name: max(float(mi), 0.0) * float(leaked.get(name, 0.0)) for name, mi in zip(label.names, label.mi, strict=True)
    }
    if not products:
        raise DataError("no features; allowed: at least one beside the label and the protected variable")
    return max(products, key=products.__getitem__)


def one_cut(
    table: EventTable, label: Relevance, protected: Relevance, rng: np.random.Generator | int, replicas: int = REPLICAS
) -> OneCut:
    """Judge a cut on the variable that tells most of both the label and a protected variable.

    The score is the variable's log likelihood ratio, fitted on half of the events; made flat it is the score's rank
    u = F(f|m) among the background at the same m. Both are judged on the other half.

    Args:
        table: labelled events.
        label: what the features tell about the label.
        protected: what they tell about the protected variable on background.
        rng: generator or seed of halves, ties and replicas.
        replicas: of the bootstrap behind the errors.

    Raises:
        DataError: no features, too few events, or a protected variable that is constant on background.
    """
    m, name = protected.target, telling_both(label, protected)
    roles = table.roles.model_copy(update={"protected": (m,), "features": (name,)})
    generator = np.random.default_rng(rng)
    fit, judged = two_halves(table.with_roles(roles), (m, name), generator)
    ratio, background = likelihood_ratio(fit, name), fit.of_class("background")
    ranks = rank_at_mass(ratio.score(background[name]), background[m], background.weights)
    scores = ratio.score(judged[name])
    # A likelihood ratio of few values has ties; a cut that keeps half of the signal needs them broken.
    flat = ranks.transform(scores, judged[m], generator)
    plain, flattened = (
        evaluate(each, judged, rng=generator, replicas=replicas, dependence=False) for each in (scores, flat)
    )
    return OneCut(
        feature=name,
        feature_title=label.titles[label.names.index(name)],
        protected=m,
        protected_title=protected.target_title,
        about_label=of_variable(label, name),
        about_protected=of_variable(protected, name),
        n_fit=fit.n_events,
        plain=plain,
        flat=flattened,
    )


def of_variable(relevance: Relevance, name: str) -> Estimate:
    """Return what one variable tells about the target, in nats."""
    place = relevance.names.index(name)
    return Estimate(float(relevance.mi[place]), float(relevance.error[place]))

"""Mutual information by neural networks: a critic learns the density ratio, events it never saw give the estimate.

``estimate_neural`` takes two arrays; ``fit`` yields a snapshot after each epoch and ``judge`` the estimate at the end.
Estimators are registered in ``NEURAL_ESTIMATORS``, one a file in ``estimators/``.
"""

from core.neural_information.config import NeuralConfig
from core.neural_information.estimator import NEURAL_ESTIMATORS, NeuralEstimator
from core.neural_information.train import estimate_neural, fit, judge

__all__ = ["NEURAL_ESTIMATORS", "NeuralConfig", "NeuralEstimator", "estimate_neural", "fit", "judge"]

"""How well the contacts were recovered: learned on one network, scored on another."""

from dataclasses import asdict, dataclass

import numpy as np
from graph_attack import Evidence

__all__ = ["Score", "scored"]


@dataclass(frozen=True)
class Score:
    """``precision``, ``recall`` and ``f1`` at the threshold that was best in learning; ``auc`` over all thresholds."""

    precision: float
    recall: float
    f1: float
    auc: float
    average_precision: float

    def plain(self) -> dict[str, float]:
        """Rounded to three places."""
        return {name: round(value, 3) for name, value in asdict(self).items()}


def scored(learned: list[Evidence], tested: list[Evidence]) -> Score:
    """Learn on some networks, decide on others."""
    features = np.vstack([one.features for one in learned])
    truth = np.concatenate([one.truth for one in learned])
    middle, spread = features.mean(axis=0), features.std(axis=0) + 1e-9
    weights = _fitted(_wide((features - middle) / spread), truth)
    threshold = _best_threshold(_wide((features - middle) / spread) @ weights, truth)
    marks = np.concatenate([_wide((one.features - middle) / spread) @ weights for one in tested])
    true = np.concatenate([one.truth for one in tested])
    said = marks >= threshold
    right = float((said & true).sum())
    precision, recall = right / max(said.sum(), 1), right / true.sum()
    f1 = 2 * precision * recall / (precision + recall) if right else 0.0
    return Score(float(precision), float(recall), float(f1), _auc(marks, true), _average_precision(marks, true))


def _wide(features: np.ndarray) -> np.ndarray:
    """The features, their squares, and one."""
    return np.column_stack([features.clip(-4, 6), features.clip(-4, 6) ** 2, np.ones(len(features))])


def _fitted(features: np.ndarray, truth: np.ndarray) -> np.ndarray:
    """Logistic regression with a ridge, by Newton's steps."""
    weights = np.zeros(features.shape[1])
    for _ in range(40):
        likely = 1 / (1 + np.exp(-(features @ weights).clip(-30, 30)))
        slope = features.T @ (likely - truth) + 1.0 * weights
        bend = (features * (likely * (1 - likely))[:, None]).T @ features + np.eye(len(weights))
        weights = weights - np.linalg.solve(bend, slope)
    return weights


def _best_threshold(marks: np.ndarray, truth: np.ndarray) -> float:
    order = np.argsort(-marks)
    right = np.cumsum(truth[order])
    f1 = 2 * right / (np.arange(1, len(marks) + 1) + truth.sum())
    return float(marks[order][int(np.argmax(f1))])


def _auc(marks: np.ndarray, truth: np.ndarray) -> float:
    _, place, counts = np.unique(marks, return_inverse=True, return_counts=True)
    ranks = (np.cumsum(counts) - (counts - 1) / 2)[place]
    ones = truth.sum()
    return float((ranks[truth].sum() - ones * (ones + 1) / 2) / (ones * (len(truth) - ones)))


def _average_precision(marks: np.ndarray, truth: np.ndarray) -> float:
    order = np.argsort(-marks, kind="stable")
    hits = truth[order]
    return float((np.cumsum(hits) / np.arange(1, len(hits) + 1))[hits].mean())

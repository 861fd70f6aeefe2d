"""How near two disciplines can lie in the tree: a word of its own, which settings and stages share."""

from enum import StrEnum


class Distance(StrEnum):
    """How two disciplines lie in the tree, nearest first."""

    SAME = "same"
    RELATED = "related"
    CATEGORY = "category"
    FAR = "far"

"""The value of a meeting in scheduling: the only place for weights and limits."""

from dataclasses import dataclass, field

from fairs.meetings.solver.problem import Options


@dataclass(frozen=True, slots=True)
class Weights:
    """Scores are points of the solver; a match is a number from 0 to 100.

    A wish of "must meet" promises priority over all others, so one side's is enough to make a must. Where not
    all musts fit, those that both sides chose, and then the better matches, are kept.
    """

    meeting: int = 200
    """Points of any meeting that both sides want: many meetings are better than a few good ones."""
    per_match_point: int = 10
    """Points for each of the 100 points of the pair's match."""
    must: int = 250
    """Additional points for each side that chose "must meet"."""
    unknown_match: float = 50.0
    """Match of a pair without a known score (a text is still being read)."""
    fewest_a_person: int = 1
    """Every wanted person gets this many meetings before others get more; existing meetings count."""
    fewest_an_employer: int = 1
    """The same for employers."""
    options: Options = field(default_factory=Options)
    """Search options; the default avoids more than three meetings in a row."""

    def score(self, match: float | None, musts: int) -> int:
        """The value of a meeting, by match (0 to 100, None: unknown) and how many sides chose "must" (0 to 2)."""
        known = self.unknown_match if match is None else min(100.0, max(0.0, match))
        return self.meeting + round(self.per_match_point * known) + self.must * musts


DEFAULT = Weights()

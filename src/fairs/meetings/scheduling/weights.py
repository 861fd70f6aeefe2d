"""What a meeting is worth when a hall is scheduled: the one place for weights and limits."""

from dataclasses import dataclass, field

from fairs.meetings.solver.problem import Options


@dataclass(frozen=True, slots=True)
class Weights:
    """Scores are points of the solver; a match is told from 0 to 100.

    A wish of "must meet" is a promise that it comes before all others, so one side's is enough to make a must. Where not
    all musts fit, those that both sides call one, and then the better matches, are kept.
    """

    meeting: int = 200
    """Points of any meeting that both sides want: many meetings are better than a few good ones."""
    per_match_point: int = 10
    """Points for each of the 100 points by which the two fit each other."""
    must: int = 250
    """Points more for each side that said "must meet"."""
    unknown_match: float = 50.0
    """Match of a pair of which no score is known (a text is still being read)."""
    fewest_a_person: int = 1
    """Everybody whom somebody wants to meet gets so many meetings before others get more; those that stand count."""
    fewest_an_employer: int = 1
    """The same for employers."""
    options: Options = field(default_factory=Options)
    """How the solver searches; three meetings in a row are enough for anybody."""

    def score(self, match: float | None, musts: int) -> int:
        """The worth of a meeting, by match (0 to 100, None: not known) and how many sides said "must" (0 to 2)."""
        known = self.unknown_match if match is None else min(100.0, max(0.0, match))
        return self.meeting + round(self.per_match_point * known) + self.must * musts


DEFAULT = Weights()

"""Whether what a provider names is an author or work that is known, and the keys that equal ones of ours share.

`names` and `titles` read what people write, `agreement` compares it, `score` adds up: named weights and one threshold;
`choose` takes one of several. `words` has the word lists. All pure; see docs/explanation/matching.md.
"""

from alexandria.enrichment.match.choose import best
from alexandria.enrichment.match.names import author_key
from alexandria.enrichment.match.score import (
    THRESHOLD,
    WEIGHTS,
    KnownAuthor,
    KnownWork,
    Reason,
    Score,
    score_author,
    score_work,
)
from alexandria.enrichment.match.titles import work_key

__all__ = [
    "THRESHOLD",
    "WEIGHTS",
    "KnownAuthor",
    "KnownWork",
    "Reason",
    "Score",
    "author_key",
    "best",
    "score_author",
    "score_work",
    "work_key",
]

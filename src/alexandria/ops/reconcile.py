"""What a provider itself counts of our quota, and the ledger brought down to it where it counts more."""

from alexandria.providers.isbndb.client import Isbndb
from alexandria.providers.isbndb.results import Allowance
from alexandria.quota.ledger import Ledger

BUCKET = "isbndb"


async def reconcile(isbndb: Isbndb, ledger: Ledger, patience: float = 30.0) -> Allowance:
    """What ISBNdb says is left of the day, for one request; the ledger never allows more than that afterwards.

    Somebody else may use the same subscription, or its plan may be smaller than the settings say.
    Raises ProviderFailed, DatabaseUnavailable.
    """
    allowance = await isbndb.key(patience=patience)
    if allowance.left is not None:
        await ledger.correct(BUCKET, allowance.left)
    return allowance

"""What all simulated providers know: one invented catalogue, by arithmetic alone.

Every valid ISBN-13 has an edition number, every edition number an ISBN; an edition number gives its work, its
authors, its month, its publisher and its subjects, and each of these can be turned round into editions. So nothing
is stored, any ISBN is answered, and what a search lists is what a look-up by ISBN says. Titles and names are
made of the words of `alexandria.sample`, so that an author of a synthetic dump is found here by name.
"""

from alexandria.simulator.catalogue.catalogue import Catalogue
from alexandria.simulator.catalogue.editions import Edition
from alexandria.simulator.catalogue.people import Person

__all__ = ["Catalogue", "Edition", "Person"]

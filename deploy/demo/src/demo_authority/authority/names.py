"""Plainly invented names, put together from syllables and words; nobody is meant."""

from random import Random


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


_STARTS = _words(
    "Bel Bri Cal Cor Dal Dor Ela Fen Fil Gal Hal Ilo Jas Kel Lor Mab Mir Nel Ori Pel "
    "Quin Ral Ser Tal Tam Ulo Vel Wil Yar Zel"
)
_ENDS = _words("a an ara en eth ia ic ille in io is ith o olin on ora or us ya yn")
_FIRST_WORDS = _words(
    "Amber Ash Bramble Briar Cinder Clover Copper Drift Ember Fallow Fern Flint Hazel Heather "
    "Lantern Larch Linnet Marl Meadow Mossy Otter Pebble Quill Rowan Sorrel Tallow Thistle "
    "Umber Willow Wren"
)
_LAST_WORDS = _words(
    "bank beck bourne brook croft dene fell field fold garth gate grove ham hollow hurst "
    "leaf ley mere moor ridge shaw stead thorpe vale wick yard"
)


def forename(rng: Random) -> str:
    """Return one of 600 invented forenames."""
    return rng.choice(_STARTS) + rng.choice(_ENDS)


def surname(rng: Random) -> str:
    """Return one of 780 invented surnames."""
    return rng.choice(_FIRST_WORDS) + rng.choice(_LAST_WORDS)


def place_names(rng: Random, count: int) -> tuple[str, ...]:
    """Return ``count`` different invented place names, for schools and trusts."""
    every = [first + last for first in _FIRST_WORDS for last in _LAST_WORDS]
    return tuple(rng.sample(every, count))

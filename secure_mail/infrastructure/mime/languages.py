"""The language of a message: said by its header, or voted by small words."""

from __future__ import annotations

import re
from collections import Counter

_LOOKED_AT = 8 * 1024
_FEWEST = 2
_WORD = re.compile(r"[^\W\d_]+")
_SMALL_WORDS = {
    "fi": """ja on ei että olen en se ne kun jos tai sekä mutta myös ovat oli olisi minun minä
        teidän hei terveisin ystävällisin kiitos kiitän pyydän liitteenä ohessa asia asian maksu
        maksusuunnitelma velka perintä päätös voin voisin kuussa tämä tämän hän mikä miten haluan
        haluaisin suomi suomessa""",
    "sv": """och att det är jag inte som på för med den till har ett av om en men eller kan ni er
        mitt min vi hej hälsningar vänliga vänligen tack bifogat bilaga skuld betalning betala
        beslut månad skulle vill inom från de du""",
    "en": """the and to of is in that it for with you this not are have be my your please regards
        dear hello thank thanks attached enclosed payment debt would like was from as can will i
        we me per month""",
}
_STOP_WORDS = {language: frozenset(words.split()) for language, words in _SMALL_WORDS.items()}


def language_of(header: str, text: str) -> str:
    """`fi`, `sv` or `en`; empty when neither Content-Language nor the text says it clearly."""
    for tag in header.lower().split(","):
        primary = tag.strip().partition("-")[0]
        if primary in _STOP_WORDS:
            return primary
    words = Counter(_WORD.findall(text[:_LOOKED_AT].lower()))
    votes = sorted(
        ((sum(words[word] for word in stop), language) for language, stop in _STOP_WORDS.items()),
        reverse=True,
    )
    (most, language), (second, _), _ = votes
    return language if most >= _FEWEST and most > second else ""

"""Norwegian order and Norwegian numbers: the one place that sorts names and writes numbers for people."""

import unicodedata
from decimal import Decimal

THIN = "\u202f"  # a narrow space at which no line breaks
_LETTERS = str.maketrans({"ä": "æ", "ö": "ø", "ü": "y", "đ": "d", "ð": "d", "þ": "t"})
_LAST = str.maketrans("æøå", "{|}")  # the three characters after z


def sorting(name: str) -> str:
    """A key that sorts names as a Norwegian list does: æ, ø and å last, ä and ö with them, accents after none.

    >>> sorted(["Åmot", "Ørsta", "Ævar", "Zachariassen", "Åse", "Öberg", "Élise", "Eva"], key=sorting)
    ['Élise', 'Eva', 'Zachariassen', 'Ævar', 'Öberg', 'Ørsta', 'Åmot', 'Åse']
    """
    if name.isascii():  # most names: nothing below changes them
        return name.lower()
    kept = unicodedata.normalize("NFC", name).casefold().translate(_LETTERS).translate(_LAST)
    if kept.isascii():  # nothing more to take off
        return kept
    return "".join(letter for letter in unicodedata.normalize("NFD", kept) if not unicodedata.combining(letter))


def number(value: int | Decimal, *, language: str) -> str:
    """A number as people write it: thin space and comma in Norwegian, comma and point in English.

    >>> number(15881, language="nn") == "15\u202f881", number(Decimal("-1234.5"), language="nb") == "−1\u202f234,5"
    (True, True)
    >>> number(Decimal("1234.5"), language="en")
    '1,234.5'
    """
    text = f"{value:,}".replace("-", "−")
    return text if language == "en" else text.translate(str.maketrans({",": THIN, ".": ","}))


def percent(value: int | Decimal, *, language: str) -> str:
    """A percentage with its sign: after a space in Norwegian, without one in English.

    >>> percent(35, language="nn") == "35\u202f%", percent(Decimal("7.5"), language="en")
    (True, '7.5%')
    """
    return number(value, language=language) + ("%" if language == "en" else f"{THIN}%")

"""Reads a request as it was meant where letters stand in for others: look-alikes, digits for letters, spaced or encoded text."""

import base64
import binascii
import functools
import re
import unicodedata
from collections.abc import Collection

# Letters of other alphabets that look like Latin ones (Unicode TR39, the ones in common use).
_ALIKE = str.maketrans(
    "аеёорсухіјѕԁԛԝһӏвкмнтАВЕЗІЈКМНОРСТУХЅαεηικνορτυχωΑΒΕΖΗΙΚΜΝΟΡΤΥΧ",
    "aeeopcyxijsdqwhlbkmhtABEZIJKMHOPCTYXSaenikvoptuxwABEZHIKMNOPTYX",
)
_DIGITS = str.maketrans("034578@$", "oeastbas")
_MIXED = re.compile(r"(?<![\w./:-])(?=\w*[a-zA-Z@$])[\w@$]*[0134578@$][\w@$]*(?![\w./:-])")
_SPACED = re.compile(r"(?<!\S)(?:\w ){2,}\w(?!\S)")
_BASE64 = re.compile(r"(?<![\w+/=-])(?=[\w+/]*[A-Z0-9+/])[A-Za-z0-9+/]{8,}={0,2}(?![\w+/=-])")
_HEX = re.compile(r"(?<!\w)(?:0x)?(?:[0-9a-f]{2}){5,}(?!\w)", re.IGNORECASE)
_ESCAPED = re.compile(r"(?:\\x[0-9a-fA-F]{2}\s*){3,}")
_UNSEEN = re.compile(r"[\u00ad\u200b-\u200f\u2060-\u2064\ufeff]")
_DECODED_MIN = 4


def readings(text: str, names: Collection[str] = ()) -> list[str]:
    """Return other ways to read a text, without the text itself; `names` (hosts, services) are left as they are."""
    folded = _UNSEEN.sub("", unicodedata.normalize("NFKC", text)).translate(_ALIKE)
    made = [folded]
    made += [_MIXED.sub(functools.partial(_letters, one, names), folded) for one in "il"]
    made += [_SPACED.sub(lambda match: match.group().replace(" ", ""), each) for each in made[:1]]
    return [each for each in dict.fromkeys(made) if each != text]


def decoded(text: str) -> list[str]:
    """Return what the encoded parts of a text say, where they say something."""
    found = [_bytes(match.group()) for match in _ESCAPED.finditer(text)]
    found += [_of_base64(match.group()) for match in _BASE64.finditer(text)]
    found += [_of_hex(match.group()) for match in _HEX.finditer(text)]
    return [each for each in dict.fromkeys(found) if len(each) >= _DECODED_MIN]


def _letters(one: str, names: Collection[str], match: re.Match[str]) -> str:
    word = match.group()
    if word.lower() in names:
        return word
    return word.translate(_DIGITS).replace("1", one)


def _bytes(escaped: str) -> str:
    return _readable(bytes(int(pair, 16) for pair in re.findall(r"\\x([0-9a-fA-F]{2})", escaped)))


def _of_base64(word: str) -> str:
    try:
        return _readable(base64.b64decode(word + "=" * (-len(word) % 4), validate=True))
    except (binascii.Error, ValueError):
        return ""


def _of_hex(word: str) -> str:
    return _readable(bytes.fromhex(word.removeprefix("0x")))


def _readable(data: bytes) -> str:
    """Return bytes as text, nothing where they are none."""
    try:
        text = data.decode("ascii").strip("\n")
    except UnicodeDecodeError:
        return ""
    return text if text.isprintable() else ""

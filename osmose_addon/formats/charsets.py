"""Text in whatever encoding: what people wrote long ago does not say in which.

Marks and UTF-8 are believed. All else is read in every encoding of a language that used it, and the reading wins whose
letters are most like that language's; what the file's name says of the language counts too. Each language is known by
its letters beyond ASCII, and by those that are frequent among them.
"""

import codecs
import re
from collections import Counter
from collections.abc import Iterator
from functools import cache
from typing import NamedTuple

_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_SAMPLE_BYTES = 1 << 14
_FEW = 0.02
_HINTED = 0.4
_MIXED = 3
_NEUTRAL = frozenset(
    "\u2018\u2019\u201a\u201c\u201d\u201e\u2026\u2013\u2014\u00ab\u00bb\u2039\u203a\u2022\u20ac\u266a\u266b"
    "\u00bf\u00a1\u00b0\u00a9\u00ae\u2122\u00a3\u00a7\u00b4\u00b7\u00a0\u00ad\ufeff"
    "\u3001\u3002\uff0c\uff01\uff1f\u300c\u300d\u300e\u300f\uff08\uff09\uff1a\uff1b\uff5e\u30fb"  # East Asian
)
_LINE = re.compile(rb"[^\n]{1,500}")
_SWITCH = re.compile(r"[^\W\d_A-Z](?=[^\W\d_])")


class _Language(NamedTuple):
    """A language's two-letter code, the encodings it was written in, its letters, and the frequent ones among them."""

    code: str
    encodings: tuple[str, ...]
    letters: str
    frequent: str = ""


_KANA = "".join(map(chr, (*range(0x3041, 0x3097), *range(0x30A1, 0x30F7), 0x30FC)))
_HAN = "".join(map(chr, range(0x4E00, 0x9FA6)))
_FREQUENT_HAN = "的一是不了在人有我他這个個们們中来來上大为為你說说要就会會可也对對那得好去到"
_HANGUL = "".join(map(chr, range(0xAC00, 0xD7A4)))
_CYRILLIC = "абвгдежзийклмнопрстуфхцчшщъыьэюяё"
_LANGUAGES = (
    _Language("en", ("cp1252",), "éèïñ"),
    _Language("de", ("cp1252",), "äöüß"),
    _Language("fr", ("cp1252",), "éèêàçùôîïâûëœ"),
    _Language("es", ("cp1252",), "ñáéíóúü"),
    _Language("pt", ("cp1252",), "ãõçáéíóúâêôà"),
    _Language("it", ("cp1252",), "àèéìòù"),
    _Language("nl", ("cp1252",), "ëïéèöü"),
    _Language("sv", ("cp1252",), "åäöé"),
    _Language("fi", ("cp1252",), "äöå"),
    _Language("da", ("cp1252",), "æøåé"),
    _Language("no", ("cp1252",), "æøåé"),
    _Language("is", ("cp1252",), "áðéíóúýþæö"),
    _Language("ca", ("cp1252",), "àçèéíïòóúü"),
    _Language("pl", ("cp1250", "iso-8859-2"), "ąćęłńóśźż"),
    _Language("cs", ("cp1250", "iso-8859-2"), "áčďéěíňóřšťúůýž"),
    _Language("sk", ("cp1250", "iso-8859-2"), "áäčďéíĺľňóôŕšťúýž"),
    _Language("hu", ("cp1250", "iso-8859-2"), "áéíóöőúüű"),
    _Language("sl", ("cp1250", "iso-8859-2"), "čšž"),
    _Language("hr", ("cp1250", "iso-8859-2"), "čćđšž"),
    _Language("ro", ("cp1250", "iso-8859-16", "iso-8859-2"), "ăâîşţșț"),
    _Language("tr", ("cp1254",), "çğıöşüİâî"),
    _Language("lt", ("cp1257",), "ąčęėįšųūž"),
    _Language("lv", ("cp1257",), "āčēģīķļņšūž"),
    _Language("et", ("cp1257",), "äõöüšž"),
    _Language("ru", ("cp1251", "koi8-r", "iso-8859-5", "cp866"), _CYRILLIC, "оеаинтсрвл"),
    _Language("uk", ("cp1251", "koi8-u"), "абвгґдеєжзиіїйклмнопрстуфхцчшщьюя", "оаниіветрсл"),
    _Language("bg", ("cp1251",), _CYRILLIC, "аеионтрсвл"),
    _Language("sr", ("cp1251",), "абвгдђежзијклљмнњопрстћуфхцчџш", "аиоенсртју"),
    _Language("el", ("cp1253", "iso-8859-7"), "αβγδεζηθικλμνξοπρσςτυφχψωάέήίόύώϊϋΐΰ", "αοιετσνηυρπς"),
    _Language("he", ("cp1255",), "אבגדהוזחטיךכלםמןנסעףפץצקרשת", "יוהלאתרבמש"),
    _Language("ar", ("cp1256", "iso-8859-6"), "ءآأؤإئابةتثجحخدذرزسشصضطظعغفقكلمنهوىي", "اليمونرتبهة"),
    _Language("fa", ("cp1256",), "ءآئابپتثجچحخدذرزژسشصضطظعغفقکكگلمنوهیي", "اینردهموتب"),
    _Language("th", ("cp874",), "".join(map(chr, range(0x0E01, 0x0E5C))), "านรกเงอ่้ม"),
    _Language("ja", ("cp932", "euc_jp"), _KANA + _HAN, _KANA),
    _Language("zh", ("gb18030", "big5hkscs"), _HAN, _FREQUENT_HAN),
    _Language("ko", ("cp949",), _HANGUL, "이다는가에을지고의하은도나어아로기를해네그니자라한"),
)


def decoded(body: bytes, language: str = "") -> str:
    """Return the text of a file. `language` is what is known of it, as a code of two or more letters; it may be wrong.

    Bytes that mean nothing become U+FFFD.
    """
    for mark, encoding in _MARKS:
        if body.startswith(mark):
            return body[len(mark) :].decode(encoding, "replace")
    encoding = _wide(body) or _utf8(body) or _likeliest(_sample(body), language.lower()[:2])
    return body.decode(encoding, "replace")


def _wide(body: bytes) -> str:
    """Return which UTF-16 it is, without a mark: every other byte of much of it is 0."""
    head = body[:4096]
    even, odd = head[::2].count(0), head[1::2].count(0)
    if max(even, odd) * 5 < len(head[::2]) or min(even, odd) * 10 > max(even, odd):
        return ""
    return "utf-16-be" if even > odd else "utf-16-le"


def _utf8(body: bytes) -> str:
    """Return UTF-8 when that is what it is, but for a few damaged places."""
    text = body.decode("utf-8", "replace")
    beyond = sum(map(len, re.findall(r"[^\x00-\x7f]+", text)))
    return "utf-8" if text.count("\ufffd") <= beyond * _FEW else ""


def _sample(body: bytes) -> bytes:
    """Return lines with something beyond ASCII in them: only those tell encodings apart."""
    lines, size = list[bytes](), 0
    for line in _LINE.finditer(body):
        if not line[0].isascii():
            lines.append(line[0])
            size += len(lines[-1])
        if size > _SAMPLE_BYTES:
            break
    return b"\n".join(lines)


def _likeliest(sample: bytes, hint: str) -> str:
    """Return the encoding of the reading that is most like some language; the first of those that are."""
    best, most = "cp1252", float("-inf")
    for language, encoding in _readings():
        likeness = _likeness(_read(sample, encoding), language) + (_HINTED if language.code == hint else 0.0)
        if likeness > most:
            best, most = encoding, likeness
    return best


def _readings() -> Iterator[tuple[_Language, str]]:
    for language in _LANGUAGES:
        for encoding in language.encodings:
            yield language, encoding


def _read(sample: bytes, encoding: str) -> str:
    return sample.decode(encoding, "replace")


def _likeness(text: str, language: _Language) -> float:
    """Return how much a reading is like a language: at most 2, a letter of it counts 1, a frequent one 2."""
    letters, frequent = _known(language)
    count = Counter(letter for letter in text if letter > "\x7f")
    worth = 0
    for letter, times in count.items():
        if letter in letters:
            worth += times * (2 if letter in frequent else 1)
        elif letter not in _NEUTRAL:
            worth -= times * (3 if letter == "\ufffd" or not letter.isprintable() else 1)
    return (worth - _oddities(text, is_latin=not language.frequent)) / max(count.total(), 1)


def _oddities(text: str, *, is_latin: bool) -> int:
    """Count places that people do not write: a capital after a small letter, and mixed scripts in a word."""
    odd = 0
    for found in _SWITCH.finditer(text):
        this, following = found[0], text[found.end()]
        if max(this, following) <= "\x7f":
            continue
        is_mixed = not is_latin and (this <= "\x7f") is not (following <= "\x7f")
        odd += _MIXED if is_mixed else this.islower() and following.isupper()
    return odd


@cache
def _known(language: _Language) -> tuple[frozenset[str], frozenset[str]]:
    letters = frozenset(language.letters + language.letters.upper())
    return letters, frozenset(language.frequent + language.frequent.upper()) or letters

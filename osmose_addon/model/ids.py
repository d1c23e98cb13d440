"""Ids: opaque ASCII, `[a-z0-9-]{4,40}`, safe in every URL and topic."""

import re
import unicodedata

ID_PATTERN = re.compile(r"[a-z0-9-]{1,40}")


def slug(name: str) -> str:
    """Return the id of a thing with this name: lower-case ASCII words joined by hyphens, at most 40 characters.

    Letters with accents lose them; a name without any ASCII letter or digit becomes `x` and its code points.
    """
    plain = unicodedata.normalize("NFKD", name.casefold().replace("ß", "ss")).encode("ascii", "ignore").decode()
    words = re.sub(r"[^a-z0-9]+", "-", plain).strip("-")
    if not words:
        words = "x" + "-".join(f"{ord(letter):x}" for letter in name)
    return words[:40].strip("-")

"""NOTICE names every package that is shipped."""

import re

from tests.house.tree import text_of


def test_it_names_every_locked_package() -> None:
    locked = re.findall(r"^(\S+)==", text_of("requirements/runtime.txt"), re.MULTILINE)
    notice = text_of("NOTICE").lower()
    assert [name for name in locked if not re.search(rf"\b{re.escape(name)}\b", notice)] == []

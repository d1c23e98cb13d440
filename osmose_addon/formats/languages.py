"""What languages call themselves: players show these names wherever a track has none."""

_NAMES = """
ar:العربية bg:Български bs:Bosanski ca:Català cs:Čeština da:Dansk de:Deutsch el:Ελληνικά en:English es:Español
et:Eesti fa:فارسی fi:Suomi fr:Français he:עברית hi:हिन्दी hr:Hrvatski hu:Magyar id:Indonesia is:Íslenska it:Italiano
ja:日本語 ko:한국어 lt:Lietuvių lv:Latviešu nb:Norsk nl:Nederlands no:Norsk pl:Polski pt:Português ro:Română ru:Русский
sk:Slovenčina sl:Slovenščina sr:Српски sv:Svenska ta:தமிழ் te:తెలుగు th:ไทย tr:Türkçe uk:Українська zh:中文
"""
_OWN_NAMES = {**dict(pair.split(":") for pair in _NAMES.split()), "vi": "Tiếng Việt"}


def own_name(tag: str) -> str:
    """Return what the language of a tag (`de`, `pt-BR`) calls itself, empty where that is not known here."""
    return _OWN_NAMES.get(tag.partition("-")[0].lower(), "")

# ruff: noqa: RUF001 - letters of many scripts look alike, and are meant
"""Text in old encodings, as bytes that people have on their disks."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from osmose_addon.formats.charsets import decoded

GERMAN = "Schöne Grüße aus München!\nIch weiß es nicht, Käpt’n – das wäre „zu schön“ …"
SAID = (
    ("de", "cp1252", GERMAN),
    ("fr", "cp1252", "Où êtes-vous passé ? J’ai été très inquiète à ton sujet.\nÇa ne va pas, mon garçon."),
    ("es", "cp1252", "¿Dónde estás? Mañana será otro día, señor."),
    ("pt", "cp1252", "Onde você estava? Não sei o que são essas questões. Amanhã é a canção."),
    ("it", "cp1252", "Perché non è più qui? Così è la città, però già."),
    ("sv", "cp1252", "Var är du någonstans? Jag letade efter dig överallt."),
    ("da", "cp1252", "Hvor har du været? Jeg ledte efter dig overalt. Så gå nu."),
    ("en", "cp1252", "Don’t you dare — it’s over… “No.”\nA naïve café."),
    ("pl", "cp1250", "Gdzie byłeś? Szukałem cię wszędzie, żona też się martwiła."),
    ("pl", "iso-8859-2", "Gdzie byłeś? Szukałem cię wszędzie, żona też się martwiła.\nŻółć, źle, dziękuję."),
    ("cs", "cp1250", "Kde jsi byl? Všude jsem tě hledal. Žena měla strach."),
    ("hu", "cp1250", "Hol voltál? Mindenütt kerestelek. Őrült vagy, tűnj el!"),
    ("ro", "cp1250", "Unde ai fost? Te-am căutat peste tot. Soţia ta îşi făcea griji."),
    ("hr", "cp1250", "Gdje si bio? Tražio sam te posvuda. Što će reći žena, kuća, đak."),
    ("tr", "cp1254", "Neredeydin? Seni her yerde aradım. Karın çok endişelendi, şimdi git."),
    ("lt", "cp1257", "Kur buvai? Visur tavęs ieškojau. Žmona labai jaudinosi, ėjau į mišką."),
    ("ru", "cp1251", "Где ты был? Я искал тебя повсюду. Жена очень волновалась."),
    ("ru", "koi8-r", "Где ты был? Я искал тебя повсюду. Жена очень волновалась."),
    ("ru", "cp866", "Где ты был? Я искал тебя повсюду."),
    ("ru", "cp1251", "ГДЕ ТЫ БЫЛ? ВЫ КТО?"),
    ("uk", "cp1251", "Де ти був? Я шукав тебе всюди. Твоя дружина хвилювалася, її немає."),
    ("el", "cp1253", "Πού ήσουν; Σε έψαχνα παντού. Η γυναίκα σου ανησυχούσε."),
    ("he", "cp1255", "איפה היית? חיפשתי אותך בכל מקום."),
    ("ar", "cp1256", "أين كنت؟ لقد بحثت عنك في كل مكان."),
    ("th", "cp874", "คุณไปอยู่ที่ไหนมา ฉันตามหาคุณทุกที่"),
    ("ja", "shift_jis", "どこにいたの？ずっと探していたんだよ。"),
    ("ja", "euc-jp", "どこにいたの？ずっと探していたんだよ。"),
    ("zh", "gb18030", "你去哪儿了？我到处找你。你的妻子很担心。"),
    ("zh", "big5", "你去哪兒了？我到處找你。你的妻子很擔心。"),
    ("ko", "euc-kr", "어디 있었어? 너를 사방으로 찾아다녔어."),
)


def srt(text: str) -> str:
    """Return lines as a subtitle file."""
    lines = enumerate(text.split("\n"), start=1)
    return "".join(f"{at}\r\n00:00:{at:02},000 --> 00:00:{at:02},900\r\n{line}\r\n\r\n" for at, line in lines)


@pytest.mark.parametrize(("language", "encoding", "text"), SAID, ids=[f"{code}-{name}" for code, name, _ in SAID])
@pytest.mark.parametrize("is_told", [True, False])
def test_old_encodings_are_told_by_their_letters(language: str, encoding: str, text: str, is_told: bool) -> None:  # noqa: FBT001 - a parameter
    """With the language in the file's name, or without it."""
    assert decoded(srt(text).encode(encoding), language if is_told else "") == srt(text)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32"])
def test_unicode_is_known_with_and_without_its_mark(encoding: str) -> None:
    """Whatever the name claims."""
    assert decoded(srt(GERMAN).encode(encoding), "ru") == srt(GERMAN)


def test_a_wrong_language_in_the_name_is_not_believed() -> None:
    """It only tips the scales."""
    assert decoded(srt(GERMAN).encode("cp1252"), "ru-RU") == srt(GERMAN)
    assert decoded("Да. Нет!".encode("cp1251"), "ru") == "Да. Нет!"


def test_utf8_with_a_damaged_place_is_still_utf8() -> None:
    """One letter is lost, not all of them."""
    body = srt(GERMAN * 20).encode()
    damaged = body.replace("ß".encode(), b"\xc3", 1)
    assert decoded(damaged).count("\ufffd") == 1
    assert "München" in decoded(damaged)


@given(st.binary(max_size=300), st.sampled_from(["", "de", "zh", "??"]))
def test_any_bytes_are_some_text(body: bytes, language: str) -> None:
    assert isinstance(decoded(body, language), str)

"""Every mistake is told once, at its line and column, with what helps."""

from pathlib import Path

import pytest

from osmose_addon.config import ConfigFindingsError, load_config
from tests.config.written import findings, loaded, only, written

GOOD = "libraries: [{name: Films, kind: films, path: /films}]\n"

SHAPES = [
    ("", 1, 1, "the file is empty"),
    ("# only a comment\n", 1, 1, "the file is empty"),
    ("- a\n", 1, 1, "must be a mapping of keys with values, not a list"),
    ("films\n", 1, 1, "must be a mapping of keys with values, not a single value"),
    ("mqtt:\n\tport: 1\n", 2, 1, "a tab is used here"),
    ("mqtt:\n  port: 1\n tls: true\n", 3, 2, "the indentation does not fit the lines above"),
    ("  mqtt:\n    port: 1\n http: {}\n", 3, 2, "the indentation does not fit the lines above"),
    ("mqtt: port: 1\n", 1, 11, "there is a colon where none can be"),
    ("mqtt:\n  host: 'broker\n", 2, 9, "a quote is opened here and never closed"),
    ("cameras: [a\n", 1, 10, "a list in [ ] is not closed"),
    ("mqtt: {port: 1\n", 1, 7, "a mapping in { } is not closed"),
    ("mqtt:\n  password: @secret\n", 2, 13, "a value cannot start with this character"),
    ("mqtt:\n  password: *secret\n", 2, 13, "this alias is not defined above"),
    ("mqtt:\n  password: !secre porch\n", 2, 13, "this tag is not known here"),
    ('mqtt:\n  password: "a\\qb"\n', 2, 16, "a backslash means something else in double quotes"),
    ('mqtt:\n  password: "\\ud800"\n', 2, 13, "there is half a character here"),
    ('mqtt:\n  password: "\\UFFFFFFFF"\n', 1, 1, "this is not valid YAML"),
    ("mqtt: {}\n---\nhttp: {}\n", 2, 1, "the file holds more than one document"),
    ("mqtt: {}\nhttp: {}\nmqtt: {}\n", 3, 1, "the key 'mqtt' is written twice, first in line 1"),
    ("? [a]\n: b\n", 1, 3, "a key must be one word"),
    ("mqtt: &m {port: 1}\nhttp: {<<: text}\n", 2, 12, "<< takes only a mapping that has an anchor"),
    ("cameras: " + "[" * 3000, 1, 50 - 1, "this is nested too deeply: 40 levels are the limit"),
    ("cameras: &loop [*loop]\n", 1, 10, "this is nested too deeply: 40 levels are the limit"),
    ("mqtt: {port: \x01}\n", 1, 14, "there is an invisible control character here"),
    ("mqtt: {port: \x00}\n", 1, 14, "there is an invisible control character here"),
    ("mqtt:\n  host: a\tb\n", 2, 10, "a tab is used here"),
    ("".join(f"{' ' * level}a:\n" for level in range(60)), 41, 41, "this is nested too deeply"),
    ("cameras: " + "{a: " * 3000, 1, 166, "this is nested too deeply"),
    ("mqtt: !!python/object/apply:os.system [ls]\n", 1, 7, "this tag is not known here"),
    ("---\n", 1, 1, "the file is empty"),
    ("\ufeff", 1, 1, "the file is empty"),
]

VALUES = [
    ("loging: {level: info}\n", 1, 1, "loging", "the key 'loging' is not known here", "did you mean 'logging'?"),
    ("mqtt:\n  pord: 1\n", 2, 3, "mqtt.pord", "the key 'pord' is not known here", "did you mean 'port'?"),
    ("mqtt:\n  port: 70000\n", 2, 9, "mqtt.port", "70000 is out of range", "allowed: 1 to 65535"),
    ("mqtt:\n  port: '1883'\n", 2, 9, "mqtt.port", "must be a whole number", "allowed: 1 to 65535"),
    (
        "workers: {nice: yes}\n",
        1,
        17,
        "workers.nice",
        "must be a whole number, but YAML reads 'yes' as true",
        "0 to 19",
    ),
    ("workers: {nice: 012}\n", 1, 17, "workers.nice", "must be a whole number, but YAML reads '012' as", "0 to 19"),
    ("workers: {nice: 1.5}\n", 1, 17, "workers.nice", "must be a whole number", "0 to 19"),
    ("workers: {transcodes: 1e3}\n", 1, 23, "workers.transcodes", "must be a whole number", "allowed: 1 to 64"),
    ("storage: {quota: 1e3}\n", 1, 18, "storage.quota", "'1e3' is not a size", "50GB or 500MiB"),
    ("storage: {reserve: 5%}\n", 1, 20, "storage.reserve", "'5%' is not a size", "50GB or 500MiB"),
    (
        "renditions: {720: {height: 720, audio: 96k}}\n",
        1,
        19,
        "renditions.720",
        "the key 'video' is missing",
        "'720p'?",
    ),
    ("libraries: {name: A}\n", 1, 12, "libraries", "must be a list", "begin each entry with a hyphen"),
    ("storage:\n  - quota: 5GB\n", 2, 3, "storage", "must be a mapping of keys", "cache, quota, reserve"),
    ("mqtt:\n  port:\n", 2, 8, "mqtt.port", "nothing is written here", "allowed: 1 to 65535"),
    ("mqtt:\n  tls: treu\n", 2, 8, "mqtt.tls", "must be true or false", "did you mean 'true'?"),
    ("mqtt:\n  base_topic: a/#\n", 2, 15, "mqtt.base_topic", "'a/#' cannot begin an MQTT topic", "letters, digits"),
    ("mqtt: [a]\n", 1, 7, "mqtt", "must be a mapping of keys with values, not a list", "host, port"),
    ("logging: {level: warn}\n", 1, 18, "logging.level", "'warn' is not allowed here", "did you mean 'warning'?"),
    ("storage: {quota: 50}\n", 1, 18, "storage.quota", "the number 50 has no unit", "MB, GB, TB, MiB, GiB, TiB"),
    ("storage: {quota: 50G}\n", 1, 18, "storage.quota", "'50G' is not a size", "did you mean 50GB?"),
    ("storage: {reserve: 1MB}\n", 1, 20, "storage.reserve", "'1MB' is out of range", "allowed: 100MB to"),
    ("workers: {nice: -5}\n", 1, 17, "workers.nice", "-5 is out of range", "allowed: 0 to 19"),
    ("http: {trusted_ingress: [home]}\n", 1, 26, "http.trusted_ingress[0]", "'home' is no IP address", "172.30.32.2"),
    ("http: {people: {ann: mange}}\n", 1, 22, "http.people.ann", "'mange' is not allowed here", "'manage'?"),
    (
        "renditions: {720p: {video: 2800}}\n",
        1,
        28,
        "renditions.720p.video",
        "the number 2800 has no unit",
        "2800k or 5M",
    ),
    ("renditions: {720p: {video: 5m}}\n", 1, 28, "renditions.720p.video", "'5m' is not a bit rate", "did you mean 5M?"),
    ("renditions: {720 p: {}}\n", 1, 14, "renditions.720 p", "'720 p' is no id", "a-z, 0-9 and -"),
    ("renditions: {2160p: {height: 2160}}\n", 1, 21, "renditions.2160p", "the key 'video' is missing", "1080p"),
    ("cameras: {porch: {}}\n", 1, 10, "cameras", "must be a list", "begin each entry with a hyphen"),
    ("cameras:\n  - source: test\n", 2, 5, "cameras[0].name", "the key 'name' is missing", "e.g. name: Porch"),
    ("cameras:\n  - rtsp://a:b@c/d\n", 2, 5, "cameras[0]", "must be a mapping of keys", "name, id, source"),
    ("libraries:\n  - name: A\n    path: /a\n", 2, 5, "libraries[0].kind", "the key 'kind' is missing", "films"),
]

IN_A_CAMERA = [
    ("window: 15", 13, "window", "the number 15 has no unit", "units are s, min, h, d"),
    ("window: 15m", 13, "window", "'15m' is not a duration", "did you mean 15min?"),
    ("window: 12:30:45", 13, "window", "must be a duration, but YAML reads '12:30:45' as the number 45045", "90s"),
    ("window: 1s", 13, "window", "'1s' is out of range", "allowed: 10s to 2h"),
    ("id: Front Door", 9, "id", "'Front Door' is no id", "a-z, 0-9 and -"),
    ("id: 0123", 9, "id", "must be text, but YAML reads '0123' as the number 83", 'put it in quotes: "0123"'),
    ("id: yes", 9, "id", "must be text, but YAML reads 'yes' as true", 'put it in quotes: "yes"'),
    ("id: on", 9, "id", "must be text, but YAML reads 'on' as true", 'put it in quotes: "on"'),
    ("id: 2026-11-20", 9, "id", "must be text, but YAML reads '2026-11-20' as a date", "put it in quotes"),
    ("id: 12", 9, "id", "must be text, but YAML reads '12' as the number 12", "put it in quotes"),
    ("mode: battery", 11, "mode", "'battery' is not in this version yet", "allowed: always"),
    ("mode: on", 11, "mode", "must be one of always, but YAML reads 'on' as true", ""),
    ("substream: test", 5, "substream", "this key is not in this version yet", "put a # in front"),
    ("record: {mode: off}", 5, "record", "this key is not in this version yet", "put a # in front"),
]


@pytest.mark.parametrize(("text", "line", "column", "problem"), SHAPES)
def test_a_misshapen_file_is_told_at_its_place(tmp_path: Path, text: str, line: int, column: int, problem: str) -> None:
    path = tmp_path / "osmose.yaml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ConfigFindingsError) as caught:
        load_config(path, tmp_path)
    (finding,) = caught.value.findings
    assert (finding.file, finding.line, finding.column) == (str(path), line, column)
    assert finding.problem.startswith(problem)


@pytest.mark.parametrize("case", VALUES, ids=lambda case: case[0])
def test_a_wrong_value_is_told_at_its_place_with_what_helps(
    tmp_path: Path, case: tuple[str, int, int, str, str, str]
) -> None:
    text, line, column, key_path, problem, hint = case
    finding = only(tmp_path, osmose=text)
    assert (finding.line, finding.column, finding.path) == (line, column, key_path)
    assert finding.problem.startswith(problem)
    assert hint in finding.hint


@pytest.mark.parametrize("case", IN_A_CAMERA, ids=lambda case: case[0])
def test_a_wrong_key_of_a_camera_is_told_at_its_place(tmp_path: Path, case: tuple[str, int, str, str, str]) -> None:
    entry, column, key, problem, hint = case
    finding = only(tmp_path, osmose=f"cameras:\n  - name: Porch\n    source: test\n    {entry}\n")
    assert (finding.line, finding.column, finding.path) == (4, column, f"cameras[0].{key}")
    assert finding.problem == problem
    assert hint in finding.hint


@pytest.mark.parametrize("key", ["webrtc: {port: 8555}", "http: {advertise: a}", "http: {password: a}"])
def test_a_key_of_a_later_version_is_not_accepted_silently(tmp_path: Path, key: str) -> None:
    assert only(tmp_path, osmose=key).problem == "this key is not in this version yet"


def test_a_finding_reads_as_one_line(tmp_path: Path) -> None:
    finding = only(tmp_path, osmose="logging:\n  level: inof\n")
    assert str(finding) == (
        f"{tmp_path}/osmose.yaml:2:10: logging.level: 'inof' is not allowed here; "
        "allowed: debug, info, warning, error; did you mean 'info'?"
    )


def test_all_mistakes_are_told_at_once_in_the_order_of_the_file(tmp_path: Path) -> None:
    told = findings(
        tmp_path,
        osmose="""\
        mqtt: {port: 0}
        cameras:
          - name: A
            source: file:/etc/passwd
          - name: B
            source: !secret missing
          - name: A
            source: test
            window: 5
        logging: {levle: info}
        """,
    )
    assert [(finding.line, finding.path) for finding in told] == [
        (1, "mqtt.port"),
        (4, "cameras[0].source"),
        (6, "cameras[1].source"),
        (7, "cameras[2].name"),
        (9, "cameras[2].window"),
        (10, "logging.levle"),
    ]


def test_a_missing_file_is_a_finding(tmp_path: Path) -> None:
    with pytest.raises(ConfigFindingsError) as caught:
        load_config(tmp_path / "osmose.yaml", tmp_path)
    assert [finding.problem for finding in caught.value.findings] == ["the file does not exist"]
    assert str(caught.value) == "config_findings (count=1)"


def test_a_folder_in_place_of_the_file_is_a_finding(tmp_path: Path) -> None:
    with pytest.raises(ConfigFindingsError) as caught:
        load_config(tmp_path, tmp_path)
    assert caught.value.findings[0].problem == "this is a folder, not a file"


def test_a_file_that_is_not_utf8_is_told_at_the_first_wrong_byte(tmp_path: Path) -> None:
    path = tmp_path / "osmose.yaml"
    path.write_bytes(b"mqtt:\n  host: K\xfcche\n")
    with pytest.raises(ConfigFindingsError) as caught:
        load_config(path, tmp_path)
    (finding,) = caught.value.findings
    assert (finding.line, finding.column, finding.problem) == (2, 10, "the file is not UTF-8 text")


def test_a_file_with_a_byte_order_mark_is_read(tmp_path: Path) -> None:
    path = tmp_path / "osmose.yaml"
    path.write_bytes(b"\xef\xbb\xbf" + GOOD.encode())
    assert load_config(path, tmp_path).config.libraries[0].name == "Films"


def test_a_file_that_is_too_large_is_not_read(tmp_path: Path) -> None:
    finding = only(tmp_path, osmose="#" * 300_000)
    assert finding.problem == "the file is too large"


def test_aliases_cannot_grow_without_limit(tmp_path: Path) -> None:
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 9)]
    assert "limit" in only(tmp_path, osmose="\n".join(lines)).problem


def test_ids_used_twice_are_told_also_when_one_is_made_from_a_name(tmp_path: Path) -> None:
    finding = only(
        tmp_path,
        osmose="""\
        cameras:
          - {name: Front Door, source: test}
          - {name: Other, id: front-door, source: test}
        """,
    )
    assert (finding.line, finding.column, finding.path) == (3, 23, "cameras[1].id")
    assert finding.problem == "the id 'front-door' already belongs to cameras[0]"


@pytest.mark.parametrize(
    ("rungs", "path", "problem"),
    [
        ("[721p]", "libraries[0].renditions[0]", "there is no rung '721p'"),
        ("[720p, 720p]", "libraries[0].renditions[1]", "the rung '720p' is named twice"),
        ("[]", "libraries[0].renditions", "the list is empty"),
    ],
)
def test_a_library_names_only_rungs_that_exist(tmp_path: Path, rungs: str, path: str, problem: str) -> None:
    finding = only(tmp_path, osmose=f"libraries: [{{name: A, kind: films, path: /a, renditions: {rungs}}}]\n")
    assert (finding.path, finding.problem) == (path, problem)


@pytest.mark.parametrize(
    ("rung", "guess"),
    [("720", "'720p'"), ("'720'", "'720p'"), ("2160p", ""), ("2160", ""), ("721p", ""), ("small", "'smal'")],
)
def test_a_rung_is_guessed_only_where_it_is_likely(tmp_path: Path, rung: str, guess: str) -> None:
    """A height is no misspelling of another one."""
    text = f"libraries: [{{name: A, kind: films, path: /a, renditions: [{rung}]}}]\n"
    finding = only(tmp_path, osmose=text + "renditions: {smal: {height: 300, video: 500k}}\n")
    assert finding.problem == f"there is no rung '{rung.strip(chr(39))}'"
    assert finding.hint.startswith("known are 1080p, 720p, 480p, 360p, 240p, smal; ")
    assert finding.hint.endswith(f"did you mean {guess}?" if guess else "add others under 'renditions:'")


def test_a_path_that_does_not_exist_is_no_mistake_of_the_file(tmp_path: Path) -> None:
    assert loaded(tmp_path, osmose=GOOD).config.libraries[0].path == Path("/films")


def test_a_key_that_holds_an_address_is_not_repeated(tmp_path: Path) -> None:
    finding = only(tmp_path, osmose="'rtsp://me:pass@host/': 1\n")
    assert "pass" not in str(finding).replace(str(tmp_path), "")
    assert written(tmp_path).name == "osmose.yaml"


@pytest.mark.parametrize(
    ("paths", "rest", "where", "problem"),
    [
        (("/m", "/m/b"), "", (2, "libraries[1].path"), "this folder lies in that of libraries[0]"),
        (("/m/b", "/m"), "", (2, "libraries[1].path"), "the folder of libraries[0] lies in this one"),
        (("/m", "/x/../m/"), "", (2, "libraries[1].path"), "this is the folder of libraries[0] too"),
        (("/m", "/n"), "storage: {cache: /m/c}", (3, "storage.cache"), "the cache lies in the folder of libraries[0]"),
        (("/m", "/"), "", (2, "libraries[1].path"), "the folder of libraries[0] lies in this one"),
        (("/",), "", (1, "libraries[0].path"), "Osmose's own data lies in this folder"),
        (("!data osmose-cache/a",), "", (1, "libraries[0].path"), "this folder lies in Osmose's cache, which may be"),
    ],
)
def test_folders_that_lie_in_one_another_are_told(
    tmp_path: Path, paths: tuple[str, ...], rest: str, where: tuple[int, str], problem: str
) -> None:
    entries = [f"{{name: L{number}, kind: films, path: {path}}}" for number, path in enumerate(paths)]
    told = findings(tmp_path, osmose="libraries: [" + ",\n  ".join(entries) + "]\n" + rest)
    assert (told[0].line, told[0].path) == where
    assert told[0].problem.startswith(problem)


def test_folders_beside_one_another_are_fine_though_their_names_begin_alike(tmp_path: Path) -> None:
    text = "libraries: [{name: A, kind: films, path: /m/film}, {name: B, kind: films, path: /m/films}]\n"
    assert findings(tmp_path, osmose=text) == ()


def test_fifty_megabytes_are_refused_at_once(tmp_path: Path) -> None:
    path = tmp_path / "osmose.yaml"
    with path.open("wb") as file:
        file.truncate(50_000_000)
    with pytest.raises(ConfigFindingsError) as caught:
        load_config(path, tmp_path)
    assert [found.problem for found in caught.value.findings] == ["the file is too large"]

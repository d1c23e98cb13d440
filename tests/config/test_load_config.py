"""What the household wrote becomes frozen values, with the defaults filled in."""

import json
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from osmose_addon.config import ConfigFindingsError, load_config
from osmose_addon.model.config import DEFAULT_RENDITIONS, Config, Finding, RenditionConfig, Right, TranscodeMode
from tests.config.written import loaded, only


def test_an_empty_mapping_is_all_defaults(tmp_path: Path) -> None:
    assert loaded(tmp_path, osmose="{}").config == Config()


def test_a_section_without_entries_is_an_absent_one(tmp_path: Path) -> None:
    assert loaded(tmp_path, osmose="cameras:\n#  - name: Porch\nmqtt:\n").config == Config()


def test_every_key_arrives(tmp_path: Path) -> None:
    config = loaded(
        tmp_path,
        osmose="""\
        libraries:
          - {name: Our Films, id: films, kind: series, path: /media/x, transcode: never, renditions: [480p, tiny]}
        cameras:
          - {name: Vor der Tür, source: "RTSPS://u:p@cam.local:322/s?x=1", mode: always, window: 1.5min}
        renditions: {tiny: {height: 144, video: 100k, audio: 64k, preset: medium}}
        storage: {cache: /cache, quota: 50GiB, reserve: 500MB}
        workers: {transcodes: 3, nice: 19}
        mqtt: {host: b, port: 8883, username: u, password: "1", tls: yes, discovery_prefix: ha, base_topic: a/b}
        http: {trusted_ingress: ["::1", 10.0.0.1], people: {ann: manage, Bo B: watch}}
        logging: {level: debug}
        """,
    ).config
    library, camera = config.libraries[0], config.cameras[0]
    assert (library.id, library.path, library.transcode) == ("films", Path("/media/x"), TranscodeMode.NEVER)
    assert library.renditions == ("480p", "tiny")
    assert (camera.id, camera.source.reveal(), camera.window_s) == (
        "vor-der-tur",
        "rtsps://u:p@cam.local:322/s?x=1",
        90,
    )
    assert config.renditions == (*DEFAULT_RENDITIONS, RenditionConfig("tiny", 144, 100_000, 64_000, "medium"))
    assert (config.storage.quota_bytes, config.storage.reserve_bytes) == (50 * 1024**3, 500_000_000)
    assert (config.storage.cache, config.workers.transcodes, config.workers.nice) == (Path("/cache"), 3, 19)
    assert (config.mqtt.host, config.mqtt.port, config.mqtt.tls, config.mqtt.base_topic) == ("b", 8883, True, "a/b")
    assert config.http.trusted_ingress == ("::1", "10.0.0.1")
    assert config.http.people == (("ann", Right.MANAGE), ("Bo B", Right.WATCH))
    assert config.logging.level == "debug"


def test_an_entry_of_the_ladder_changes_only_what_it_names(tmp_path: Path) -> None:
    config = loaded(tmp_path, osmose="renditions: {720p: {video: 2M}}").config
    assert config.renditions[1] == RenditionConfig("720p", 720, 2_000_000)
    assert len(config.renditions) == len(DEFAULT_RENDITIONS)


@pytest.mark.parametrize(
    ("written", "below"), [("films", "films"), ("../x", "../x"), ("!data films", "data/films"), ("./a/b", "a/b")]
)
def test_a_relative_path_counts_from_the_file_or_from_the_data_folder(tmp_path: Path, written: str, below: str) -> None:
    outcome = loaded(tmp_path, osmose=f"libraries: [{{name: A, kind: films, path: {written}}}]")
    assert outcome.config.libraries[0].path == (tmp_path / below).resolve()


@pytest.mark.parametrize("written", ["!data ../x", "!data /x", "!data ''"])
def test_a_path_below_the_data_folder_cannot_leave_it(tmp_path: Path, written: str) -> None:
    finding = only(tmp_path, osmose=f"libraries: [{{name: A, kind: films, path: {written}}}]")
    assert finding.problem == "!data takes a folder below the data folder"


def test_merge_keys_fill_in_what_a_mapping_does_not_say(tmp_path: Path) -> None:
    config = loaded(
        tmp_path,
        osmose="""\
        cameras:
          - &first {name: One, source: test, window: 30s}
          - {<<: *first, name: Two}
        """,
    ).config
    assert [(camera.name, camera.window_s) for camera in config.cameras] == [("One", 30), ("Two", 30)]


def test_equal_files_give_equal_values(tmp_path: Path) -> None:
    text = "cameras: [{name: A, source: 'rtsp://a:b@c/'}]"
    assert loaded(tmp_path, osmose=text).config == loaded(tmp_path, osmose=text + " # same").config


WORDS = st.sampled_from(
    (
        *(
            "libraries",
            "cameras",
            "renditions",
            "name",
            "kind",
            "path",
            "source",
            "films",
            "test",
            "720p",
            "mqtt",
            "port",
        ),
        *("yes", "0123", "12:30:45", "1e3", ".inf", "!secret", "!include", "!data", "!!int", "!!timestamp", "!!binary"),
        *("a.yaml", "osmose.yaml", "---", "...", "<<", "\t", "\\", *"&*-:?|>'\"[]{},#%@`~="),
    )
)
SOUP = st.lists(st.one_of(WORDS, st.sampled_from(["\n", "\n  ", "\n    ", " ", ": ", "\n  - "]), st.text(max_size=4)))


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.one_of(SOUP.map("".join), st.text(), st.binary()))
@example("a: !!timestamp 2026-99-99")
@example("a: !!int x")
@example("a: " + "9" * 5000)
@example("a: 1" + ":59" * 500)
@example("!include osmose.yaml")
@example("%YAML " + "1" * 5000 + ".1\n---\na: 1")
@example('libraries: [{name: A, kind: films, path: "\\0"}]')
@example("cameras: [{name: A, source: !include '\0'}]")
@example("- " * 2000)
def test_no_text_raises_anything_but_findings(tmp_path: Path, content: str | bytes) -> None:
    raw = content if isinstance(content, bytes) else content.encode("utf-8", "surrogatepass")
    path = tmp_path / "osmose.yaml"
    path.write_bytes(raw)
    for finding in _findings(path):
        assert str(finding).encode()
        assert finding.line > 0
        assert finding.column > 0


KEYS = st.sampled_from(
    (
        *(
            "libraries",
            "cameras",
            "renditions",
            "storage",
            "workers",
            "mqtt",
            "http",
            "logging",
            "webrtc",
            "name",
            "id",
        ),
        *(
            "kind",
            "path",
            "transcode",
            "source",
            "mode",
            "window",
            "record",
            "720p",
            "tiny",
            "height",
            "video",
            "quota",
        ),
        *(
            "cache",
            "nice",
            "port",
            "tls",
            "password",
            "base_topic",
            "trusted_ingress",
            "people",
            "level",
            "",
            "a b",
            "\0",
        ),
    )
)
LEAVES = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    st.text(max_size=8),
    st.sampled_from(
        ("test", "rtsp://a:b@c/d", "films", "720p", "50GB", "15min", "2M", "watch", "info", "/", "rtsp://[x")
    ),
)
VALUES = st.recursive(
    LEAVES,
    lambda inner: st.one_of(st.lists(inner, max_size=4), st.dictionaries(KEYS, inner, max_size=6)),
    max_leaves=20,
)


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.dictionaries(KEYS, VALUES, max_size=5))
def test_no_value_at_any_key_raises_anything_but_findings(tmp_path: Path, sections: dict[str, object]) -> None:
    path = tmp_path / "osmose.yaml"
    path.write_text(json.dumps(sections, ensure_ascii=False), encoding="utf-8")
    for finding in _findings(path):
        assert str(finding).isprintable()


def _findings(path: Path) -> tuple[Finding, ...]:
    try:
        load_config(path, path.parent)
    except ConfigFindingsError as error:
        return error.findings
    return ()

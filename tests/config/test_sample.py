"""The sample is the manual: it loads, has every key, and the defaults it names are the real ones."""

import re
from dataclasses import fields, replace
from pathlib import Path

import pytest

from osmose_addon.config import load_config
from osmose_addon.model.config import Config, HttpConfig, LibraryConfig, MqttConfig, Right, StorageConfig
from tests.config.written import findings

SAMPLE = Path(__file__).parents[2] / "config" / "osmose.yaml"
COMMENTED_OUT = re.compile(r"^( *)# ( *(?:- )?\w+: ?.*)$", re.MULTILINE)


def uncommented() -> str:
    """Return the sample with every key of it in force."""
    head, separator, body = SAMPLE.read_text(encoding="utf-8").partition("# ----")
    return head + separator + COMMENTED_OUT.sub(r"\1\2", body)


@pytest.fixture
def everything(tmp_path: Path) -> Config:
    """Return the configuration of the sample with every key of it in force."""
    (tmp_path / "osmose.yaml").write_text(uncommented(), encoding="utf-8")
    (tmp_path / "secrets.yaml").write_text("porch_url: rtsp://u:p@h/s\nmqtt_password: p\n", encoding="utf-8")
    return load_config(tmp_path / "osmose.yaml", tmp_path / "data").config


def test_the_sample_is_one_library_and_the_test_picture(tmp_path: Path) -> None:
    config = load_config(SAMPLE, tmp_path).config
    library = LibraryConfig("films", "Films", config.libraries[0].kind, tmp_path / "films")
    assert config == Config(libraries=(library,), cameras=config.cameras)
    assert [camera.is_test_picture for camera in config.cameras] == [True]


def test_the_defaults_that_the_sample_names_are_the_real_ones(everything: Config, tmp_path: Path) -> None:
    plain = load_config(SAMPLE, tmp_path / "data").config
    assert everything.libraries == plain.libraries
    assert everything.cameras[1] == replace(
        plain.cameras[0], id="porch", name="Porch", source=everything.cameras[1].source
    )
    assert everything.renditions == Config().renditions
    assert everything.storage == StorageConfig(cache=tmp_path / "data" / "osmose-cache")
    assert everything.workers == Config().workers
    mqtt = everything.mqtt
    assert mqtt == MqttConfig(host=mqtt.host, username=mqtt.username, password=mqtt.password)
    assert everything.http == HttpConfig(people=(("parent", Right.MANAGE), ("child", Right.WATCH)))
    assert everything.logging == Config().logging


@pytest.mark.parametrize(
    ("probe", "path"),
    [
        ("{zz: 1}", ""),
        ("libraries: [{zz: 1}]", "libraries[0]"),
        ("cameras: [{zz: 1}]", "cameras[0]"),
        ("renditions: {720p: {zz: 1}}", "renditions"),
        ("storage: {zz: 1}", "storage"),
        ("workers: {zz: 1}", "workers"),
        ("mqtt: {zz: 1}", "mqtt"),
        ("http: {zz: 1}", "http"),
        ("logging: {zz: 1}", "logging"),
    ],
)
def test_every_key_is_in_the_sample(tmp_path: Path, probe: str, path: str) -> None:
    unknown = next(found for found in findings(tmp_path, osmose=probe) if found.path.endswith("zz"))
    assert unknown.path.startswith(path)
    keys = unknown.hint.removeprefix("keys are ").split(", ")
    assert [key for key in keys if not re.search(rf"\b{key}: ?", uncommented())] == []


def test_every_field_of_the_configuration_is_a_section_of_the_sample() -> None:
    assert [field.name for field in fields(Config) if f"\n{field.name}:\n" not in uncommented()] == []

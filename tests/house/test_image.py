"""What the image is built from agrees with itself."""

import re
import subprocess

import yaml

from tests.house.tree import ROOT, text_of

SERVICE = ROOT / "rootfs/etc/s6-overlay/s6-rc.d/osmose"


def test_both_machines_are_built_from_the_base_that_the_dockerfile_names() -> None:
    found = re.search(r"^ARG BUILD_FROM=(\S+)$", text_of("Dockerfile"), re.MULTILINE)
    assert found
    build = yaml.safe_load(text_of("build.yaml"))
    assert build == {"build_from": {"aarch64": found[1], "amd64": found[1]}}


def test_the_labels_name_the_machines_of_the_manifest() -> None:
    arch = yaml.safe_load(text_of("config.yaml"))["arch"]
    assert f'io.hass.arch="{"|".join(arch)}"' in text_of("Dockerfile")


def test_the_image_says_what_the_manifest_says() -> None:
    description = yaml.safe_load(text_of("config.yaml"))["description"]
    assert text_of("Dockerfile").count(f'"{description}"') == 2


def test_whatever_the_dockerfile_copies_is_let_into_its_context() -> None:
    let_in = {line[1:] for line in text_of(".dockerignore").splitlines() if line.startswith("!")}
    copied = re.findall(r"^COPY (?!--from)(.+) \S+$", text_of("Dockerfile"), re.MULTILINE)
    wanted = {name for names in copied for name in names.split() if name != "."}
    assert {name for name in wanted if not any(name == root or name.startswith(f"{root}/") for root in let_in)} == set()


def test_the_service_is_laid_out_as_s6_reads_it() -> None:
    assert (SERVICE / "type").read_text() == "longrun\n"
    assert (SERVICE / "dependencies.d/base").exists()
    assert (SERVICE.parent / "user/contents.d/osmose").exists()
    assert all((SERVICE / name).stat().st_mode & 0o111 for name in ("run", "finish"))


def test_the_service_and_the_health_check_speak_of_the_ingress_port() -> None:
    assert "--port 8099" in (SERVICE / "run").read_text()
    assert "http://127.0.0.1:8099/health" in text_of("Dockerfile")
    assert "ingress_port" not in text_of("config.yaml")


def test_the_finish_script_passes_a_crash_on_and_ends_the_container(tmp_path: object) -> None:
    script = (SERVICE / "finish").read_text()
    result, halt = f"{tmp_path}/exitcode", f"{tmp_path}/halt"
    script = script.replace("/run/s6-linux-init-container-results/exitcode", result)
    script = script.replace("/run/s6/basedir/bin/halt", f"touch {halt}")
    for arguments, before, after in [
        (("0", "0"), 0, 0),
        (("7", "0"), 0, 7),
        (("256", "9"), 0, 137),
        (("1", "0"), 3, 3),
    ]:
        subprocess.run(["bash", "-c", f"echo {before} >{result}; rm -f {halt}"], check=True)
        subprocess.run(["bash", "-c", script, "finish", *arguments], check=True, capture_output=True)
        check = subprocess.run(["bash", "-c", f"test -e {halt} && cat {result}"], check=True, capture_output=True)
        assert int(check.stdout) == after


def test_the_apparmor_file_has_one_profile_at_its_left_edge() -> None:
    profile = text_of("apparmor.txt")
    assert re.findall(r"^profile (\S+)", profile, re.MULTILINE) == ["osmose"]
    assert profile.count("{") == profile.count("}") == 1

"""Image, compose file, units and chart: read, rendered, and held to the rules that matter.

No engine runs them here; where a program that checks them is installed, it is asked too.
"""

from __future__ import annotations

import configparser
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml

from racecraft import __version__
from racecraft.interfaces.cli.app import app
from racecraft.interfaces.probes import router
from racecraft.service.settings import Settings
from tests.deploy.charts import merged, rendered

ROOT = Path(__file__).parents[2]
DEPLOY = ROOT / "deploy"
CHART = DEPLOY / "helm" / "racecraft"
FULL: dict[str, Any] = {
    "service": {"replicas": 2, "slots": 1},
    "workers": {"replicas": 3},
    "artifacts": {"url": "s3://racecraft/models", "endpoint": "https://s3.example.org"},
    "persistence": {"accessMode": "ReadWriteMany", "storageClass": "shared"},
    "ingress": {"enabled": True},
    "monitoring": {"enabled": True},
}
PROBES = {route.path for route in router.routes}  # type: ignore[attr-defined]
VARIABLES = {f"RACECRAFT_{name.upper()}" for name in Settings.model_fields} | {"NUMBA_CACHE_DIR"}


def flags_of(command: str) -> set[str]:
    """The flags of a command of ours."""
    from typer.main import get_command

    found = get_command(app).commands[command]  # type: ignore[attr-defined]
    return {flag for parameter in found.params for flag in parameter.opts}


def refuse_odd_command(words: list[str]) -> None:
    """A command line of ours that the program would not understand."""
    command, *rest = words
    assert {word for word in rest if word.startswith("--")} <= flags_of(command)


def refuse_odd_variables(names: set[str]) -> None:
    ours = {name for name in names if name.startswith(("RACECRAFT", "NUMBA"))}
    assert ours <= VARIABLES, ours - VARIABLES


# The image -------------------------------------------------------------------------------------


def steps() -> list[tuple[str, str]]:
    text = (DEPLOY / "Dockerfile").read_text()
    text = re.sub(r"\\\n\s*", "", re.sub(r"(?m)^#.*\n", "", text))
    return [
        (word, rest)
        for word, _, rest in (line.partition(" ") for line in text.splitlines() if line)
    ]


def test_the_image_is_of_two_stages_runs_as_nobody_and_tells_its_health() -> None:
    found = steps()
    stages = [rest for word, rest in found if word == "FROM"]
    assert len(stages) == 2
    assert all("slim" in stage for stage in stages)
    last = found[max(k for k, (word, _) in enumerate(found) if word == "FROM") :]
    users = [rest for word, rest in last if word == "USER"]
    assert users == ["10001:10001"]
    assert not [rest for word, rest in last if word == "RUN" and "pip" in rest]
    probe = next(rest for word, rest in last if word == "HEALTHCHECK")
    assert "/health/live" in probe
    assert "/health/live" in PROBES
    assert ("STOPSIGNAL", "SIGINT") in last
    assert ("ENTRYPOINT", '["racecraft"]') in last
    refuse_odd_command(yaml.safe_load(next(rest for word, rest in last if word == "CMD")))
    given = " ".join(rest for word, rest in last if word == "ENV")
    refuse_odd_variables(set(re.findall(r"([A-Z_]+)=", given)))


def test_the_image_is_for_every_architecture_and_takes_exact_versions() -> None:
    text = (DEPLOY / "Dockerfile").read_text()
    assert "--constraint constraints.txt" in text
    assert not re.search(r"x86_64|amd64(?!,)|aarch64", text.replace("linux/amd64,linux/arm64", ""))
    assert "sudo" not in text
    assert "ADD " not in text


def test_only_what_the_image_is_made_of_is_sent_to_the_builder() -> None:
    lines = (DEPLOY / "Dockerfile.dockerignore").read_text().splitlines()
    rules = [line for line in lines if line and not line.startswith("#")]
    assert rules[0] == "*"
    wanted = {rule[1:] for rule in rules if rule.startswith("!")}
    copied = {
        word
        for step, rest in steps()
        if step == "COPY" and "--from" not in rest
        for word in rest.split()[:-1]
    }
    assert copied == wanted
    assert all((ROOT / name).exists() for name in wanted)


# The compose file ------------------------------------------------------------------------------


def compose() -> dict[str, Any]:
    made: dict[str, Any] = yaml.safe_load((DEPLOY / "compose.yaml").read_text())
    return made


def test_services_wait_for_what_they_need_and_say_when_they_are_well() -> None:
    services = compose()["services"]
    assert set(services) == {"racecraft", "worker", "database", "store"}
    for name, service in services.items():
        assert "healthcheck" in service, name
        assert service["restart"] == "unless-stopped", name
        for other, how in service.get("depends_on", {}).items():
            assert how == {"condition": "service_healthy"}
            assert "test" in services[other]["healthcheck"]
    mounts = [mount for service in services.values() for mount in service.get("volumes", ())]
    named = {mount.split(":")[0] for mount in mounts if ":" in mount}
    assert named == set(compose()["volumes"])


def test_images_have_versions_and_nothing_listens_to_the_world_unasked() -> None:
    services = compose()["services"]
    for service in services.values():
        image = service["image"]
        tag = image.rpartition(":")[2]
        assert tag not in ("latest", image)
    assert [name for name, service in services.items() if "ports" in service] == ["racecraft"]
    assert services["racecraft"]["ports"] == ["${BIND:-127.0.0.1}:${PORT:-8321}:8321"]


def test_our_containers_may_do_as_little_as_possible() -> None:
    for name in ("racecraft", "worker"):
        service = compose()["services"][name]
        assert service["read_only"] is True
        assert service["cap_drop"] == ["ALL"]
        assert service["security_opt"] == ["no-new-privileges:true"]
        refuse_odd_command([str(word) for word in service["command"]])
        refuse_odd_variables(set(service["environment"]))


def test_every_password_is_asked_for_and_the_example_names_each() -> None:
    text = (DEPLOY / "compose.yaml").read_text()
    needed = set(re.findall(r"\$\{([A-Z0-9_]+):\?", text))
    optional = set(re.findall(r"\$\{([A-Z0-9_]+):-", text))
    assert {"DB_PASSWORD", "S3_KEY", "S3_SECRET"} <= needed
    example = dict(
        line.split("=", 1)
        for line in (DEPLOY / "example.env").read_text().splitlines()
        if line and not line.startswith("#")
    )
    assert needed <= set(example)
    assert set(example) <= needed | optional
    assert f"RACECRAFT_VERSION:-{__version__}" in text


@pytest.mark.slow
@pytest.mark.skipif(shutil.which("docker") is None, reason="docker is not installed")
def test_docker_itself_reads_the_compose_file() -> None:
    words = ["docker", "compose", "-f", str(DEPLOY / "compose.yaml")]
    if subprocess.run([*words[:2], "version"], capture_output=True, check=False).returncode:
        pytest.skip("this docker has no compose")
    example = ["--env-file", str(DEPLOY / "example.env")]
    done = subprocess.run(
        [*words, *example, "--profile", "workers", "config", "--quiet"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr


# The units -------------------------------------------------------------------------------------

UNITS = sorted((DEPLOY / "systemd").glob("*.service"))


def unit(path: Path) -> configparser.ConfigParser:
    parser = configparser.ConfigParser(strict=False, interpolation=None)
    parser.optionxform = str  # type: ignore[assignment,method-assign]
    parser.read(path)
    return parser


@pytest.mark.parametrize("path", UNITS, ids=lambda path: path.name)
def test_a_unit_runs_without_rights_and_ends_as_the_program_wants(path: Path) -> None:
    service = unit(path)["Service"]
    assert service["DynamicUser"] == "yes"
    assert service["NoNewPrivileges"] == "yes"
    assert service["ProtectSystem"] == "strict"
    assert service["CapabilityBoundingSet"] == ""
    assert int(service["TimeoutStopSec"]) > 15  # workers may take ten seconds to end
    program, *words = service["ExecStart"].split()
    assert program == "/opt/racecraft/bin/racecraft"
    refuse_odd_command(words)
    text = path.read_text()
    refuse_odd_variables(set(re.findall(r"(?m)^Environment=([A-Z_]+)=", text)))
    home = re.search(r"RACECRAFT_HOME=(\S+)", text)
    assert home is not None
    assert home[1] == f"/var/lib/{service['StateDirectory'].split()[0]}"
    starter, target = path, "multi-user.target"
    if service["Type"] == "oneshot":
        starter, target = path.with_suffix(".timer"), "timers.target"
        assert "OnCalendar" in unit(starter)["Timer"]
    assert unit(starter)["Install"]["WantedBy"] == target


def test_the_nightly_backup_is_of_the_service_and_by_its_user() -> None:
    """With another home it would save nothing; another user would take the folder away."""
    service, backup = (
        unit(DEPLOY / "systemd" / name)["Service"]
        for name in ("racecraft.service", "racecraft-backup.service")
    )
    for key in ("User", "EnvironmentFile", "StateDirectoryMode", "UMask"):
        assert backup[key] == service[key], key
    home, backups = backup["StateDirectory"].split()
    assert home == service["StateDirectory"]
    assert backup["ExecStart"].split()[1:] == ["backup", f"/var/lib/{backups}"]
    assert f"/var/lib/{backups}/ " in backup["ExecStartPost"]


@pytest.mark.slow
@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="systemd is not installed")
@pytest.mark.parametrize("path", UNITS, ids=lambda path: path.name)
def test_systemd_itself_reads_the_units(path: Path, tmp_path: Path) -> None:
    here = tmp_path / path.name
    text = path.read_text().replace("/opt/racecraft/bin/racecraft", sys.executable)
    here.write_text(text)
    words = ["systemd-analyze", "verify", "--man=no", str(here)]
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    complaints = [line for line in done.stderr.splitlines() if path.name in line]
    assert complaints == []


# The chart -------------------------------------------------------------------------------------


def kinds(objects: list[dict[str, Any]]) -> list[str]:
    return sorted(each["kind"] for each in objects)


def pods(objects: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [each["spec"]["template"]["spec"] for each in objects if each["kind"] == "Deployment"]


def test_the_chart_makes_what_is_asked_for_and_nothing_else() -> None:
    assert kinds(rendered(CHART, {})) == ["Deployment", "PersistentVolumeClaim", "Service"]
    assert kinds(rendered(CHART, FULL)) == [
        "Deployment",
        "Deployment",
        "Ingress",
        "PersistentVolumeClaim",
        "Service",
        "ServiceMonitor",
    ]
    facts = yaml.safe_load((CHART / "Chart.yaml").read_text())
    assert facts["appVersion"] == facts["version"] == __version__


@pytest.mark.parametrize("values", [{}, FULL], ids=["default", "full"])
def test_pods_run_as_nobody_with_limits_and_probes_that_there_are(values: dict[str, Any]) -> None:
    for pod in pods(rendered(CHART, values)):
        assert pod["securityContext"]["runAsNonRoot"] is True
        assert pod["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
        assert pod["automountServiceAccountToken"] is False
        (container,) = pod["containers"]
        guard = container["securityContext"]
        assert guard["readOnlyRootFilesystem"] is True
        assert guard["allowPrivilegeEscalation"] is False
        assert guard["capabilities"] == {"drop": ["ALL"]}
        assert container["resources"]["limits"]["memory"]
        assert container["image"].endswith(f":{__version__}")
        refuse_odd_command(container["args"])
        refuse_odd_variables({each["name"] for each in container["env"]})
        mounted = {mount["name"] for mount in container["volumeMounts"]}
        assert mounted == {volume["name"] for volume in pod["volumes"]}
        for name in ("livenessProbe", "readinessProbe", "startupProbe"):
            if name in container:
                assert container[name]["httpGet"]["path"] in PROBES


def test_no_secret_is_written_into_an_object() -> None:
    for pod in pods(rendered(CHART, FULL)):
        for each in pod["containers"][0]["env"]:
            if re.search("TOKEN|SECRET|KEY|DATABASE", each["name"]):
                assert "secretKeyRef" in each["valueFrom"], each


def test_names_and_ports_lead_to_each_other() -> None:
    objects = rendered(CHART, FULL)
    by_kind = {each["kind"]: each for each in objects}
    service = by_kind["Service"]
    deployment = next(each for each in objects if each["metadata"]["name"] == "race")
    wanted = service["spec"]["selector"]
    assert wanted.items() <= deployment["spec"]["template"]["metadata"]["labels"].items()
    for each in objects:
        if each["kind"] == "Deployment":
            labels = each["spec"]["template"]["metadata"]["labels"]
            assert each["spec"]["selector"]["matchLabels"].items() <= labels.items()
    worker = next(each for each in objects if each["metadata"]["name"] == "race-workers")
    assert not wanted.items() <= worker["spec"]["template"]["metadata"]["labels"].items()
    address = worker["spec"]["template"]["spec"]["containers"][0]["env"][0]["value"]
    assert address == f"http://race:{service['spec']['ports'][0]['port']}"
    path = by_kind["Ingress"]["spec"]["rules"][0]["http"]["paths"][0]
    assert path["backend"]["service"] == {"name": "race", "port": {"name": "http"}}
    assert by_kind["ServiceMonitor"]["spec"]["endpoints"][0]["path"] in PROBES


def test_browsers_stay_with_one_service_and_two_versions_never_meet() -> None:
    objects = {(each["kind"], each["metadata"]["name"]): each for each in rendered(CHART, FULL)}
    notes = objects["Ingress", "race"]["metadata"]["annotations"]
    assert notes["nginx.ingress.kubernetes.io/affinity"] == "cookie"
    assert objects["Service", "race"]["spec"]["sessionAffinity"] == "ClientIP"
    assert objects["Deployment", "race"]["spec"]["strategy"] == {"type": "Recreate"}


def test_the_schema_of_the_values_refuses_what_cannot_work() -> None:
    schema = yaml.safe_load((CHART / "values.schema.json").read_text())
    kept = yaml.safe_load((CHART / "values.yaml").read_text())
    jsonschema.validate(kept, schema)
    jsonschema.validate(merged(kept, FULL), schema)
    # Several services need a folder that all share.
    for wrong in (
        {"service": {"replicas": 2}},
        {"secret": ""},
        {"workers": {"slots": 0}},
        {"persistence": {"size": "many"}},
    ):
        with pytest.raises(jsonschema.ValidationError):
            jsonschema.validate(merged(kept, wrong), schema)


@pytest.mark.slow
@pytest.mark.skipif(shutil.which("helm") is None, reason="helm is not installed")
@pytest.mark.parametrize("values", [{}, FULL], ids=["default", "full"])
def test_helm_itself_renders_the_same(values: dict[str, Any], tmp_path: Path) -> None:
    file = tmp_path / "values.yaml"
    file.write_text(yaml.safe_dump(values))
    words = ["helm", "template", "race", str(CHART), "-f", str(file)]
    done = subprocess.run(words, capture_output=True, text=True, check=True)
    helms = [each for each in yaml.safe_load_all(done.stdout) if each]
    ours = rendered(CHART, values)

    def key(each: dict[str, Any]) -> tuple[str, str]:
        return each["kind"], each["metadata"]["name"]

    assert sorted(helms, key=key) == sorted(ours, key=key)

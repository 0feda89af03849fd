"""The Kubernetes manifests, rendered as ``kubectl apply -k`` does: valid, and what we promise.

They were never applied to a cluster here; the same image runs in ``e2e/test_containers.py``.
"""

import subprocess
from functools import cache
from pathlib import Path
from typing import Any

import kubernetes_validate
import pytest
import yaml
from pydantic_settings import BaseSettings

from courrier.events.jetstream.permissions import SERVICES
from courrier.fetcher.settings import FetcherSettings
from courrier.gateway.settings import GatewaySettings
from courrier.linker.settings import LinkerSettings
from courrier.sender.settings import SenderSettings

DEPLOY = Path(__file__).parents[2] / "deploy"
VERSIONS = ("1.32", "1.37")
OVERLAYS = ("small", "ha")
OPERATORS = {"postgresql.cnpg.io/v1"}
"""API groups that Kubernetes itself does not have, so that no schema of it knows them."""
SETTINGS: dict[str, type[BaseSettings]] = {
    "fetcher": FetcherSettings,
    "linker": LinkerSettings,
    "sender": SenderSettings,
    "gateway": GatewaySettings,
}

Manifest = dict[str, Any]

pytestmark = pytest.mark.kubectl


@cache
def rendered(overlay: str) -> tuple[Manifest, ...]:
    """Return the objects of an overlay."""
    command = ["kubectl", "kustomize", str(DEPLOY / "kubernetes" / "overlays" / overlay)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=30, check=False)
    assert done.returncode == 0, done.stderr
    return tuple(yaml.safe_load_all(done.stdout))


def of_kind(overlay: str, *kinds: str) -> list[Manifest]:
    """Return the objects of these kinds."""
    return [each for each in rendered(overlay) if each["kind"] in kinds]


def pods(overlay: str) -> list[tuple[str, Manifest]]:
    """Return every pod that an overlay makes, with the name of what makes it."""
    makers = of_kind(overlay, "Deployment", "StatefulSet", "Job")
    return [(each["metadata"]["name"], each["spec"]["template"]) for each in makers]


def new_secrets() -> dict[str, str]:
    """Return what ``deploy/secrets.sh`` prints."""
    command = ["sh", str(DEPLOY / "secrets.sh")]
    done = subprocess.run(command, capture_output=True, text=True, timeout=10, check=True)
    return dict(line.split("=", 1) for line in done.stdout.splitlines())


def containers(pod: Manifest) -> list[Manifest]:
    """Return all containers of a pod, those that prepare it included."""
    return [*pod["spec"].get("initContainers", []), *pod["spec"]["containers"]]


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("overlay", OVERLAYS)
def test_every_object_is_valid(overlay: str, version: str) -> None:
    """No field is misspelt, none has a wrong type, for the oldest and the newest version."""
    for each in rendered(overlay):
        if each["apiVersion"] not in OPERATORS:
            kubernetes_validate.validate(each, version, strict=True)


@pytest.mark.parametrize("overlay", OVERLAYS)
def test_nothing_runs_as_root_or_writes_its_own_files(overlay: str) -> None:
    """The pod security standard ``restricted``, and a read-only root."""
    for name, pod in pods(overlay):
        assert pod["spec"]["securityContext"]["runAsNonRoot"] is True, name
        assert pod["spec"]["automountServiceAccountToken"] is False, name
        for container in containers(pod):
            locked = container["securityContext"]
            assert locked["readOnlyRootFilesystem"] is True, name
            assert locked["allowPrivilegeEscalation"] is False, name
            assert locked["capabilities"] == {"drop": ["ALL"]}, name


@pytest.mark.parametrize("overlay", OVERLAYS)
def test_everything_that_stays_is_watched_and_bounded(overlay: str) -> None:
    """Three probes, what it needs and what it may take."""
    for each in of_kind(overlay, "Deployment", "StatefulSet"):
        for container in each["spec"]["template"]["spec"]["containers"]:
            assert {"startupProbe", "readinessProbe", "livenessProbe"} <= container.keys()
    for _name, pod in pods(overlay):
        for container in containers(pod):
            assert {"cpu", "memory"} == container["resources"]["requests"].keys()
            assert "memory" in container["resources"]["limits"]


@pytest.mark.parametrize("overlay", OVERLAYS)
def test_a_probe_of_a_service_asks_no_dependency(overlay: str) -> None:
    """A broker that is down must not restart every service."""
    for each in of_kind(overlay, "Deployment"):
        (container,) = each["spec"]["template"]["spec"]["containers"]
        ports = {port["name"]: port["containerPort"] for port in container["ports"]}

        assert 9000 == ports[container["livenessProbe"]["httpGet"]["port"]]
        assert "/healthz" == container["livenessProbe"]["httpGet"]["path"]
        assert "/readyz" == container["readinessProbe"]["httpGet"]["path"]


@pytest.mark.parametrize("overlay", OVERLAYS)
def test_every_service_is_there_and_reads_every_variable(overlay: str) -> None:
    """A variable that no setting has would be a misspelt one."""
    found = {name.removeprefix("courrier-"): pod for name, pod in pods(overlay)}

    for service in SERVICES:
        known = {f"COURRIER_{name.upper()}" for name in SETTINGS[service].model_fields}
        (container,) = found[service]["spec"]["containers"]
        given = {each["name"] for each in container["env"]}
        assert [service] == container["args"]
        assert set() == {name for name in given if name.startswith("COURRIER_")} - known
        assert {"COURRIER_NATS_USER", "COURRIER_NATS_PASSWORD", "COURRIER_MASTER_KEY"} <= given


@pytest.mark.parametrize("overlay", OVERLAYS)
def test_what_is_named_is_there(overlay: str) -> None:
    """Selectors find pods, volumes exist, secrets have the key."""
    labels = [pod["metadata"]["labels"] for _name, pod in pods(overlay)]
    for service in of_kind(overlay, "Service"):
        wanted = service["spec"]["selector"].items()
        assert any(wanted <= each.items() for each in labels), service["metadata"]["name"]
    for budget in of_kind(overlay, "PodDisruptionBudget"):
        wanted = budget["spec"]["selector"]["matchLabels"].items()
        assert any(wanted <= each.items() for each in labels), budget["metadata"]["name"]
    maps = {each["metadata"]["name"] for each in of_kind(overlay, "ConfigMap")}
    for _name, pod in pods(overlay):
        for container in containers(pod):
            named = {each["configMapRef"]["name"] for each in container.get("envFrom", [])}
            assert named <= maps


def test_the_secrets_that_are_named_are_those_that_are_made() -> None:
    """``deploy/secrets.sh`` prints every key that a manifest or the compose file asks for."""
    asked = {
        source["secretKeyRef"]["key"]
        for overlay in OVERLAYS
        for _name, pod in pods(overlay)
        for container in containers(pod)
        for variable in container.get("env", [])
        if (source := variable.get("valueFrom", {})) and "secretKeyRef" in source
        if source["secretKeyRef"]["name"] == "courrier"
    }

    assert asked == new_secrets().keys()


def test_two_runs_of_the_script_share_no_secret() -> None:
    """Nothing is fixed, and NATS takes no password for a number."""
    first, second = new_secrets(), new_secrets()

    assert not set(first.values()) & set(second.values())
    assert all(value[0] == "p" for name, value in first.items() if "PASSWORD" in name)


def test_high_availability_is_what_it_says() -> None:
    """Three brokers on three machines with three copies, three databases, budgets for all."""
    (settings,) = (
        each["data"] for each in of_kind("ha", "ConfigMap") if "COURRIER_REPLICAS" in each["data"]
    )
    (broker,) = of_kind("ha", "StatefulSet")
    (database,) = of_kind("ha", "Cluster")
    budgets = {each["metadata"]["name"] for each in of_kind("ha", "PodDisruptionBudget")}
    scaled = of_kind("ha", "HorizontalPodAutoscaler")
    most = {each["spec"]["scaleTargetRef"]["name"]: each["spec"]["maxReplicas"] for each in scaled}

    assert ("3", "8") == (settings["COURRIER_REPLICAS"], settings["COURRIER_GROUPS"])
    assert 3 == broker["spec"]["replicas"] == database["spec"]["instances"]
    assert ["-c", "/etc/courrier/cluster.conf"] == (
        broker["spec"]["template"]["spec"]["containers"][0]["args"]
    )
    assert {f"courrier-{name}" for name in ("nats", *SERVICES)} == budgets
    assert {"courrier-linker": 8, "courrier-gateway": 8} == most


def test_the_compose_file_asks_for_the_same_secrets() -> None:
    """One script serves both; the compose file has no cluster's routes."""
    text = (DEPLOY / "compose.yaml").read_text()
    made = new_secrets()

    assert {"COURRIER_NATS_PASSWORD_ROUTES"} == {name for name in made if f"${{{name}" not in text}

"""The manifests as a cluster gets them: built by kubectl, and held to Kubernetes' own schemas.

`make test-deploy` gets the tools and runs this.
"""

import os
import re
import subprocess
from functools import cache
from pathlib import Path

import pytest
from ruamel.yaml import YAML

from backend.render.cases import CASES, render
from backend.render.test_watching import SERVERS, expressions

pytestmark = pytest.mark.deploy

KUBECTL = os.environ.get("KUBECTL", "kubectl")
OVERLAYS = ("tgi", "tgi-replicated", "vllm", "vllm-replicated", "vllm-ray")
VERSIONS = ("1.30", "1.37")  # of Kubernetes: the oldest that somebody may have, and the newest
SHARDS = {
    "2x80-bf16": 2,
    "4x48-bf16": 4,
    "8x24-bf16": 8,
    "1x80-4bit": 1,
    "2-of-4x80": 4,
    "4x80": 4,
}


@pytest.fixture(scope="module", params=CASES)
def rendered(request, tmp_path_factory):
    return request.param, render(request.param, tmp_path_factory.mktemp("deploy"))


@cache
def build(folder: Path, overlay: str) -> dict[str, list[dict]]:
    """Return what kubectl makes of an overlay, by kind."""
    command = [KUBECTL, "kustomize", str(folder / "kubernetes" / overlay)]
    built = subprocess.run(command, capture_output=True, text=True, check=True)
    assert not built.stderr, built.stderr
    found: dict[str, list[dict]] = {}
    for resource in YAML(typ="safe").load_all(built.stdout):
        found.setdefault(resource["kind"], []).append(resource)
    return found


def pods(found):
    """Return what makes pods, and the pods' specification."""
    (maker,) = [*found.get("Deployment", ()), *found.get("StatefulSet", ())]
    return maker, maker["spec"]["template"]["spec"]


def container(found):
    (only,) = pods(found)[1]["containers"]
    return only


@pytest.mark.parametrize("overlay", OVERLAYS)
def test_every_manifest_is_what_kubernetes_understands(rendered, overlay):
    import kubernetes_validate

    found = build(rendered[1], overlay)
    for resources in found.values():
        for resource in resources:
            for version in VERSIONS:
                kubernetes_validate.validate(resource, version, strict=True)
    always = {"Namespace", "Secret", "Service", "PersistentVolumeClaim", "PodDisruptionBudget"}
    assert always | {"NetworkPolicy"} <= set(found)


@pytest.mark.parametrize("overlay", OVERLAYS)
def test_gpus_and_shards_are_the_plans(rendered, overlay):
    case, folder = rendered
    found = build(folder, overlay)
    only = container(found)
    said = dict(flag.removeprefix("--").split("=", 1) for flag in only["args"] if "=" in flag)
    shards = int(said["num-shard" if overlay.startswith("tgi") else "tensor-parallel-size"])
    assert only["resources"]["limits"]["nvidia.com/gpu"] == shards
    if overlay != "vllm-ray":
        assert shards == SHARDS[case]
    else:
        nodes = pods(found)[0]["spec"]["replicas"]
        environment = {each["name"]: each.get("value") for each in only["env"]}
        assert said["pipeline-parallel-size"] == str(nodes) == environment["NODES"]


@pytest.mark.parametrize("overlay", OVERLAYS)
def test_what_selects_pods_selects_these(rendered, overlay):
    found = build(rendered[1], overlay)
    maker, _ = pods(found)
    labels = maker["spec"]["template"]["metadata"]["labels"]
    selectors = [
        maker["spec"]["selector"]["matchLabels"],
        *(each["spec"]["selector"]["matchLabels"] for each in found["PodDisruptionBudget"]),
        *(each["spec"]["selector"] for each in found["Service"]),
    ]
    for selector in selectors:
        asked = {k: v for k, v in selector.items() if k != "apps.kubernetes.io/pod-index"}
        assert asked
        assert asked.items() <= labels.items()


@pytest.mark.parametrize("overlay", OVERLAYS)
def test_keys_come_from_the_secret_and_stand_nowhere_else(rendered, overlay):
    found = build(rendered[1], overlay)
    (secret,) = found["Secret"]
    assert set(secret["data"]) == {"ARRIERO_API_KEY", "HF_TOKEN"}
    asked = {
        each["valueFrom"]["secretKeyRef"]["key"]: each["valueFrom"]["secretKeyRef"]["name"]
        for each in container(found)["env"]
        if "secretKeyRef" in each.get("valueFrom", {})
    }
    assert asked == dict.fromkeys(secret["data"], secret["metadata"]["name"])
    others = [each for kind, each in found.items() if kind != "Secret"]
    assert "k3y" not in str(others)


@pytest.mark.parametrize("overlay", OVERLAYS)
def test_a_start_has_the_time_that_the_weights_take_and_the_shards_their_memory(rendered, overlay):
    case, folder = rendered
    found = build(folder, overlay)
    probe = container(found)["startupProbe"]
    allowed = probe["periodSeconds"] * probe["failureThreshold"]
    assert allowed >= (1.25 if case == "1x80-4bit" else 2.5) * 3600
    mounted = {each["mountPath"]: each["name"] for each in container(found)["volumeMounts"]}
    (shared,) = [
        volume for volume in pods(found)[1]["volumes"] if volume["name"] == mounted["/dev/shm"]
    ]
    assert shared["emptyDir"]["medium"] == "Memory"


@pytest.mark.parametrize("server", SERVERS)
def test_one_copy_is_not_replaced_before_it_has_left_its_gpus(rendered, server):
    maker, _ = pods(build(rendered[1], server))
    assert maker["spec"]["strategy"] == {"type": "Recreate"}
    assert "replicas" not in maker["spec"]


@pytest.mark.parametrize("server", SERVERS)
def test_copies_are_scaled_by_the_queue_and_share_the_weights(rendered, server):
    _, folder = rendered
    found = build(folder, f"{server}-replicated")
    (scaler,) = found["HorizontalPodAutoscaler"]
    maker, _ = pods(found)
    assert scaler["spec"]["scaleTargetRef"]["name"] == maker["metadata"]["name"]
    assert scaler["spec"]["minReplicas"] == 2
    (metric,) = scaler["spec"]["metrics"]
    adapter = (folder / f"monitoring/{server}/adapter.yaml").read_text("utf-8")
    assert f"as: {metric['pods']['metric']['name']}\n" in adapter
    assert maker["spec"]["strategy"]["rollingUpdate"]["maxSurge"] == 0
    (claim,) = found["PersistentVolumeClaim"]
    assert claim["spec"]["accessModes"] == ["ReadWriteMany"]


@pytest.mark.parametrize("server", SERVERS)
def test_who_asks_stays_with_one_copy(rendered, server):
    (service,) = build(rendered[1], f"{server}-replicated")["Service"]
    assert service["spec"]["sessionAffinity"] == "ClientIP"


def test_of_ray_only_the_head_answers_and_only_pods_reach_its_ports(rendered):
    found = build(rendered[1], "vllm-ray")
    ports = {each["metadata"]["name"]: each["spec"] for each in found["Service"]}
    assert ports["codellama"]["selector"]["apps.kubernetes.io/pod-index"] == "0"
    assert ports["codellama-peers"]["clusterIP"] == "None"
    maker, _ = pods(found)
    assert maker["spec"]["serviceName"] == "codellama-peers"
    assert container(found)["image"].startswith("registry.example.com/arriero-vllm-ray:v")
    for policy in found["NetworkPolicy"]:
        for rule in policy["spec"]["ingress"]:
            everybody = rule["from"] == [{"podSelector": {}}]
            assert everybody or rule["ports"] == [{"port": "http"}]


def test_rays_scripts_name_only_what_the_pods_have(rendered):
    found = build(rendered[1], "vllm-ray")
    (scripts,) = found["ConfigMap"]
    given = {each["name"] for each in container(found)["env"]} | {"HOSTNAME"}
    for script in scripts["data"].values():
        named = re.findall(r"\$\{?([A-Z_]+)|os\.environ\[\"(\w+)\"\]", script)
        assert {shell or python for shell, python in named} <= given
        subprocess.run(["bash", "-n"], input=script, text=True, check=True)


@pytest.mark.parametrize("server", SERVERS)
def test_what_prometheus_is_asked_is_its_language(server):
    import promql_parser

    for expression in expressions(server):
        assert promql_parser.parse(expression)

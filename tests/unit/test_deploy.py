"""What runs the app elsewhere names files, ports, settings and versions that there are."""

import re
import tomllib
from dataclasses import fields
from fnmatch import fnmatch
from pathlib import Path

import pytest

from core.cluster.settings import Settings
from core.engine.chosen import ENGINE_SETTING

yaml = pytest.importorskip("yaml")

ROOT = Path(__file__).parents[2]
DEPLOY = ROOT / "deploy"
CODE = ("app.py", "core", "lessons", "pages")
USER = 10001


def instructions() -> list[tuple[str, str]]:
    """(word, rest) of each instruction of the Dockerfile, continued lines joined."""
    text = (ROOT / "Dockerfile").read_text(encoding="utf-8").replace("\\\n", " ")
    lines = [line.strip() for line in text.splitlines()]
    return [(word, rest) for line in lines if line and not line.startswith("#")
            for word, _, rest in [line.partition(" ")]]


def stages() -> dict[str, list[tuple[str, str]]]:
    found: dict[str, list[tuple[str, str]]] = {}
    for word, rest in instructions():
        if word == "FROM":
            name = rest.split(" AS ")[1]
            parent = found.get(rest.split(" AS ")[0], [])
            found[name] = list(parent)
        if found:
            found[list(found)[-1]].append((word, rest))
    return found


def copied() -> list[str]:
    """Paths of the repository that the Dockerfile copies."""
    return [path for word, rest in instructions() if word == "COPY" and "--from" not in rest
            for path in rest.split()[:-1]]


def documents(path: Path) -> list[dict]:
    return list(yaml.safe_load_all(path.read_text(encoding="utf-8")))


def port_in(command: str) -> str:
    return re.search(r"127\.0\.0\.1:(\d+)", command)[1]


def test_every_path_that_is_copied_exists_and_reaches_the_builder():
    ignore = (ROOT / ".dockerignore").read_text(encoding="utf-8").split("\n")
    allowed = [line[1:] for line in ignore if line.startswith("!")]
    assert "*" in ignore
    for path in copied():
        assert (ROOT / path).exists(), path
        assert any(fnmatch(path, a) or path.startswith(a) for a in allowed), path


def test_all_that_the_app_imports_is_copied():
    assert {*CODE, "assets", ".streamlit/config.toml"} <= set(copied())


@pytest.mark.parametrize(("stage", "port"), [("app", "8501"), ("cluster", "8000")])
def test_an_image_runs_as_nobody_in_particular_and_says_how_it_is(stage, port):
    steps = stages()[stage]
    users = [rest for word, rest in steps if word == "USER"]
    assert users[-1] == f"{USER}:{USER}"
    after = [word for word, _ in steps[steps.index(("USER", users[-1])):]]
    assert "RUN" not in after and "COPY" not in after
    health = next(rest for word, rest in steps if word == "HEALTHCHECK")
    assert "python" in health and "curl" not in health
    assert port_in(health) == port
    assert ("EXPOSE", port) in steps


def test_the_default_image_is_the_app():
    assert list(stages())[-1] == "app"
    health = next(rest for word, rest in stages()["app"] if word == "HEALTHCHECK")
    assert "/_stcore/health" in health
    command = " ".join(rest for word, rest in stages()["app"] if word in ("ENTRYPOINT", "CMD"))
    assert "app.py" in command and "--server.port=8501" in command


def test_one_thread_a_pass_and_the_python_that_the_project_needs():
    assert any("OMP_NUM_THREADS=1" in rest for word, rest in stages()["app"] if word == "ENV")
    needed = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["requires-python"]
    tag = next(rest for word, rest in instructions() if word == "ARG").split("=")[1]
    assert re.fullmatch(r"3\.11\.\d+-slim-\w+", tag) and ">=3.11" in needed


@pytest.mark.parametrize("name", ["requirements.txt", "requirements-cluster.txt"])
def test_what_is_installed_is_pinned(name):
    for line in (ROOT / name).read_text(encoding="utf-8").splitlines():
        if line and not line.startswith(("#", "-r")):
            assert re.fullmatch(r"[A-Za-z0-9_\-\[\]]+==[\w.]+", line), line


def test_nothing_is_built_from_what_changes():
    images = [s["image"] for s in compose()["services"].values()]
    for manifest in DEPLOY.rglob("*.yaml"):
        images += re.findall(r"image: (\S+)", manifest.read_text(encoding="utf-8"))
    for image in images:
        assert re.search(r":\d+\.\d+", image), image


def compose() -> dict:
    return documents(ROOT / "compose.yaml")[0]


def test_compose_starts_the_app_and_the_rest_only_when_asked():
    services = compose()["services"]
    assert {name for name, s in services.items() if "profiles" not in s} == {"app"}
    for name, service in services.items():
        limits = service["deploy"]["resources"]["limits"]
        assert limits["memory"] and limits["cpus"], name
        assert service["cap_drop"] == ["ALL"], name
        assert service.get("read_only") or name == "cluster", name
        target = service.get("build", {}).get("target")
        assert target is None or target in stages()
        for volume in service["volumes"]:
            source = volume.split(":")[0]
            known = source in compose()["volumes"] or (ROOT / source).exists()
            assert known, source


def test_a_proxy_passes_web_sockets_and_hides_what_is_not_for_visitors():
    nginx = (DEPLOY / "nginx.conf").read_text(encoding="utf-8")
    for needed in ("Upgrade $http_upgrade", "Host $http_host", "proxy_read_timeout 1h",
                   "cookie_inside_bert_route", "gzip on"):
        assert needed in nginx
    caddy = (DEPLOY / "Caddyfile").read_text(encoding="utf-8")
    assert "lb_policy cookie" in caddy and "encode" in caddy
    for text in (nginx, caddy):
        for hidden in ("metrics", "script-health-check", "_inside/"):
            assert hidden in text
    config = tomllib.loads((ROOT / ".streamlit" / "config.toml").read_text())
    largest = config["server"]["maxUploadSize"] + 1
    assert f"client_max_body_size {largest}m" in nginx and f"max_size {largest}MB" in caddy


def test_the_cluster_on_paper_is_the_one_of_the_code():
    service, = documents(DEPLOY / "kubernetes" / "engine.yaml")
    application, = yaml.safe_load(service["spec"]["serveConfigV2"])["applications"]
    assert application["import_path"] == "core.cluster.app:build"
    source = (ROOT / "core" / "cluster" / "app.py").read_text(encoding="utf-8")
    assert "def build(" in source  # ray, which it imports, is not there
    asked = Settings.of(application["args"])
    assert set(application["args"]) <= {f.name for f in fields(Settings)}
    worker, = service["spec"]["rayClusterConfig"]["workerGroupSpecs"]
    limits = worker["template"]["spec"]["containers"][0]["resources"]["limits"]
    on_one = len(asked.models) * asked.most * asked.gpus
    assert on_one <= worker["maxReplicas"] * limits["nvidia.com/gpu"]
    ray = service["spec"]["rayClusterConfig"]["rayVersion"]
    assert f"ray[serve]=={ray}" in (ROOT / "requirements-cluster.txt").read_text()


def test_a_cluster_without_kubernetes_runs_the_same():
    application, = documents(DEPLOY / "serve.yaml")[0]["applications"]
    assert application["import_path"] == "core.cluster.app:build"
    assert Settings.of(application["args"]).most == 4


def test_the_app_in_kubernetes_asks_the_engine_by_its_name_and_is_probed_where_it_answers():
    deployment, service, ingress = documents(DEPLOY / "kubernetes" / "app.yaml")
    container, = deployment["spec"]["template"]["spec"]["containers"]
    set_to = {e["name"]: e.get("value") for e in container["env"]}
    engine, = documents(DEPLOY / "kubernetes" / "engine.yaml")
    assert engine["metadata"]["name"] + "-serve-svc:8000" in set_to["INSIDE_BERT_ENGINE"]
    assert container["livenessProbe"]["httpGet"]["path"] == "/_stcore/health"
    assert container["readinessProbe"]["httpGet"]["path"] == "/_inside/ready"
    assert deployment["spec"]["template"]["spec"]["securityContext"]["runAsUser"] == USER
    assert service["spec"]["selector"] == deployment["spec"]["selector"]["matchLabels"]
    assert ingress["metadata"]["annotations"]["nginx.ingress.kubernetes.io/affinity"] == "cookie"


def test_every_setting_of_the_code_is_in_the_table_and_no_other():
    code = [ROOT / CODE[0], *(p for folder in CODE[1:] for p in (ROOT / folder).rglob("*.py"))]
    used = set().union(*(
        re.findall(r'"(INSIDE_BERT_[A-Z_]+)"', path.read_text(encoding="utf-8")) for path in code
    ))
    assert ENGINE_SETTING in used
    guide = (ROOT / "docs" / "deploy.md").read_text(encoding="utf-8")
    table = set(re.findall(r"^\| `(INSIDE_BERT_[A-Z_]+)", guide, re.MULTILINE))
    assert table == used
    for path in (ROOT / "compose.yaml", DEPLOY / "kubernetes" / "app.yaml"):
        assert set(re.findall(r"INSIDE_BERT_[A-Z_]+", path.read_text())) <= used

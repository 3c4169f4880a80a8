"""The engine as a Ray Serve application: a deployment a model, and an entrance that leads there.

    pip install -r requirements-cluster.txt
    serve run core.cluster.app:build models=embedded
    INSIDE_BERT_ENGINE=http://127.0.0.1:8000 make run
"""


from ray import serve
from ray.serve import Application
from ray.serve.exceptions import BackPressureError
from ray.serve.handle import DeploymentHandle
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from core.cluster.replica import TOGETHER, Replica
from core.cluster.settings import Settings
from core.errors import Busy, UnknownModel
from core.models import registry
from core.remote.calls import model_of
from core.remote.service import BINARY, body, opened, refusal


class Entrance:
    """Reads which model a call is about and hands it on as it came."""

    def __init__(self, models: dict[str, DeploymentHandle]) -> None:
        self._models = models

    async def __call__(self, request: Request) -> Response:
        kind, _, method = request.url.path.strip("/").partition("/")
        if kind == "health":
            return JSONResponse({"status": "ok", "backend": "Ray Serve",
                                 "models": sorted(self._models)})
        if kind != "v1" or request.method != "POST":
            return Response(status_code=404)
        try:
            message = await body(request)
            status, found = await self._handle(method, message).answer.remote(method, message)
        except BackPressureError:
            return refusal(Busy())
        except Exception as error:
            return refusal(error)
        return Response(found, status, media_type=BINARY if status == 200 else "application/json")

    def _handle(self, method: str, message: bytes) -> DeploymentHandle:
        """Raises `BadInput`, `UnknownModel`."""
        model = model_of(method, *opened(message))
        if model not in self._models:
            raise UnknownModel(model)
        return self._models[model]


def build(args: dict[str, str]) -> Application:
    """The application, from the arguments of `serve run` or of a Serve config file."""
    asked = Settings.of(args)
    models = {model: _deployed(model, asked) for model in asked.models}
    entrance = serve.deployment(Entrance).options(
        num_replicas=asked.entrances, max_ongoing_requests=1000
    )
    return entrance.bind(models)


def _deployed(model: str, asked: Settings) -> Application:
    """One model's replicas, between the bounds. Raises `UnknownModel`."""
    deployment = serve.deployment(Replica).options(
        name=registry.find(model).label,
        ray_actor_options={"num_cpus": asked.cpus, "num_gpus": asked.gpus,
                           "runtime_env": {"env_vars": asked.threads}},
        autoscaling_config={
            "min_replicas": asked.least, "max_replicas": asked.most,
            "target_ongoing_requests": asked.target,
        },
        max_ongoing_requests=TOGETHER,
        max_queued_requests=asked.queue,
        health_check_period_s=10, health_check_timeout_s=30,
        graceful_shutdown_timeout_s=20,
    )
    return deployment.bind(registry.find(model).id, asked.device)

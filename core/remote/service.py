"""An engine over HTTP, as an ASGI application: one POST a call, one GET for its health.

    POST /v1/<method>   body and answer as in `wire`; errors as in `failures`
    GET  /health        {"status": "ok", "backend": ..., "models": [...]}
    GET  /metrics       for Prometheus, where INSIDE_BERT_METRICS=on

    python -m core.remote.service --port 8600
"""

import argparse
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import partial
from typing import Any

import uvicorn
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from core.contract import EncodingProgress
from core.engine.asker import NOBODY, asking
from core.engine.protocol import Engine
from core.errors import BadInput
from core.models import registry
from core.observe import logs, prometheus, snapshot
from core.remote import failures
from core.remote.calls import ASKER, MANY, model_of
from core.remote.wire import Unreadable, pack, unpack

MAX_BODY = 16 * 2**20  # bytes of a request; a list of texts is its largest part
BINARY = "application/octet-stream"


def answer(engine: Engine, method: str, message: bytes) -> bytes:
    """The packed result of one packed call; for many texts a pair, with how much work it was.

    Raises what the engine raises, and `BadInput`.
    """
    args, kwargs = opened(message)
    model_of(method, args, kwargs)
    asked = getattr(engine, method)
    if method not in MANY:
        return pack(asked(*args, **kwargs))
    told: list[EncodingProgress] = []
    return pack((asked(*args, **kwargs, progress=told.append), told[-1]))


def opened(message: bytes) -> tuple[Sequence[Any], Mapping[str, Any]]:
    """The arguments of a packed call. Raises `BadInput`."""
    try:
        asked = unpack(message)
        return tuple(asked["args"]), dict(asked["kwargs"])
    except (Unreadable, KeyError, TypeError):
        raise BadInput("The call cannot be read.") from None


def refusal(error: Exception) -> Response:
    """The answer to a call that failed. What went wrong inside is logged, the texts are not."""
    code = failures.status(error)
    if code == 500:
        logs.error("failed", error=type(error).__name__)
    again = {"Retry-After": "1"} if code == 503 else None
    return JSONResponse(failures.written(error), code, again)


async def body(request: Request) -> bytes:
    """The request's body. Raises `BadInput` as soon as it is too large."""
    parts, size = [], 0
    async for part in request.stream():
        parts.append(part)
        size += len(part)
        if size > MAX_BODY:
            raise BadInput(f"The call is larger than {MAX_BODY // 2**20} MB.")
    return b"".join(parts)


def application(engine: Engine) -> Starlette:
    """The ASGI application that answers for an engine."""

    async def call(request: Request) -> Response:
        method = request.path_params["method"]
        try:
            message = await body(request)
            with asking(request.headers.get(ASKER, NOBODY)):
                found = await run_in_threadpool(answer, engine, method, message)
            return Response(found, media_type=BINARY)
        except ClientDisconnect:
            return Response(status_code=499)
        except Exception as error:
            return refusal(error)

    async def health(_: Request) -> Response:
        ready = [e.id for e in registry.offered() if engine.ready(e.id)]
        return JSONResponse({"status": "ok", "backend": engine.backend, "models": ready})

    async def metrics(request: Request) -> Response:
        collector = prometheus.Server(partial(snapshot.take, engine=engine))
        found, kind = await run_in_threadpool(
            prometheus.exposition, collector, request.headers.get("accept", "")
        )
        return Response(found, headers={"Content-Type": kind})

    routes = [Route("/v1/{method}", call, methods=["POST"]), Route("/health", health)]
    if prometheus.wanted():
        routes.append(Route("/metrics", metrics))
    return Starlette(routes=routes)


@contextmanager
def listening(engine: Engine, port: int = 0) -> Iterator[str]:
    """The address at which an engine is served from a thread of this process, for tests."""
    server = uvicorn.Server(uvicorn.Config(
        application(engine), host="127.0.0.1", port=port, log_level="warning", access_log=False,
    ))
    thread = threading.Thread(target=server.run, name="engine service", daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.01)
    try:
        yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join()


def main() -> None:
    from core.engine.local import local_engine
    from core.live import jobs

    parser = argparse.ArgumentParser(prog="python -m core.remote.service",
                                     description=__doc__.splitlines()[0])
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=8600)
    parser.add_argument("--device", default="auto", help="auto, cpu, cuda or mps")
    parser.add_argument("--model", action="append", default=[], help="loaded at once; repeatable")
    args = parser.parse_args()
    logs.set_up()
    engine = local_engine(args.device)
    if jobs.wanted():
        engine.workers = jobs.shared_pool
    for model in args.model or [registry.EMBEDDED]:
        engine.start_loading(model)
    logs.info("started", backend=engine.backend)
    uvicorn.run(
        application(engine), host=args.host, port=args.port, access_log=False, log_config=None
    )


if __name__ == "__main__":
    main()

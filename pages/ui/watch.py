"""What the server tells of itself: to the status page, to Prometheus, to a load balancer."""

import hmac
import os
from pathlib import Path

import streamlit as st
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import BaseRoute, Route
from streamlit.runtime import Runtime
from streamlit.runtime.stats import ACTIVE_SESSIONS_FAMILY, GaugeStat

from core.engine import chosen_engine, is_remote
from core.models.registry import EMBEDDED
from core.observe import prometheus, snapshot

STATUS_SETTING = "INSIDE_BERT_STATUS"  # open, off, or the key that the page's link must have
STATUS_FILE = Path(__file__).parents[1] / "start" / "status.py"


def sessions() -> int | None:
    """Browsers connected now; None where no server runs."""
    if not Runtime.exists():
        return None
    found = Runtime.instance().stats_mgr.get_stats([ACTIVE_SESSIONS_FAMILY])
    return next((stat.value for stat in found.get(ACTIVE_SESSIONS_FAMILY, ())
                 if isinstance(stat, GaugeStat)), None)


def look() -> snapshot.Snapshot:
    """The state of this server, now."""
    return snapshot.take(sessions())


def status_offered() -> bool:
    """Whether this server has a status page at all."""
    return _status_setting() != "off"


def may_see_status() -> bool:
    """Whether this visitor may: the page is open, or the link had the key.

    The key is remembered for the browser's tab, since the address bar does not keep it.
    """
    wanted = _status_setting()
    if wanted == "open":
        return True
    given = st.query_params.get("key")
    if given is not None:
        same = hmac.compare_digest(*(key.encode(errors="replace") for key in (given, wanted)))
        st.session_state["_status_key"] = same
    return bool(st.session_state.get("_status_key"))


def _status_setting() -> str:
    return os.environ.get(STATUS_SETTING, "").strip() or "open"


def routes() -> list[BaseRoute]:
    """Addresses beside Streamlit's own: readiness, and metrics where they are switched on."""
    found: list[BaseRoute] = [Route("/_inside/ready", _ready)]
    if prometheus.wanted():
        found.append(Route("/_inside/metrics", _metrics))
    return found


async def _ready(_: Request) -> Response:
    """200 as soon as a forward pass would start at once, 503 before.

    An engine elsewhere is not asked: when it is gone the pages still stand and say so.
    """
    ready = is_remote() or chosen_engine().ready(EMBEDDED)
    return PlainTextResponse("ready" if ready else "loading", 200 if ready else 503)


async def _metrics(request: Request) -> Response:
    body, kind = await run_in_threadpool(
        prometheus.exposition, prometheus.Server(look), request.headers.get("accept", "")
    )
    return Response(body, headers={"Content-Type": kind})

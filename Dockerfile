# Inside BERT for a server. Two images:
#   docker build -t inside-bert .                            the app, with the model in its process
#   docker build -t inside-bert-cluster --target cluster .   what a Ray cluster's machines run
#
# For GPUs: --build-arg TORCH_INDEX=https://download.pytorch.org/whl/cu128 (the CUDA of your driver).
# To pin the base to the bit, put its digest behind the tag: python:3.11.14-slim-bookworm@sha256:...
ARG PYTHON=3.11.14-slim-bookworm

FROM python:${PYTHON} AS packages
ARG TORCH_INDEX=https://download.pytorch.org/whl/cpu
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1
RUN python -m venv /opt/venv
ENV PATH=/opt/venv/bin:$PATH
WORKDIR /build
COPY requirements.txt ./
RUN pip install --index-url "$TORCH_INDEX" "$(grep '^torch==' requirements.txt)" \
 && pip install -r requirements.txt \
 && python -m compileall -q /opt/venv/lib

FROM packages AS cluster-packages
COPY requirements-cluster.txt ./
RUN pip install -r requirements-cluster.txt

FROM python:${PYTHON} AS base
# One thread for each pass: more make a room of visitors wait (docs/deploy.md).
ENV PATH=/opt/venv/bin:$PATH \
    PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 \
    OMP_NUM_THREADS=1 \
    INSIDE_BERT_LOG=json \
    HF_HOME=/data/hub INSIDE_BERT_CACHE=/data/cache
RUN useradd --uid 10001 --user-group --create-home --shell /usr/sbin/nologin inside \
 && install -d -o inside -g inside /data
WORKDIR /app
COPY LICENSE app.py ./
COPY .streamlit/config.toml .streamlit/config.toml
COPY assets assets
COPY core core
COPY lessons lessons
COPY pages pages
# Nothing is written below /app; the file system may be read-only but for /tmp and /data.
RUN python -m compileall -q core lessons pages

FROM base AS cluster
COPY --from=cluster-packages /opt/venv /opt/venv
# KubeRay's probes ask with wget.
RUN apt-get update && apt-get install -y --no-install-recommends wget \
 && rm -rf /var/lib/apt/lists/*
ENV PYTHONPATH=/app RAY_USAGE_STATS_ENABLED=0
USER 10001:10001
EXPOSE 8000
HEALTHCHECK --interval=15s --timeout=5s --start-period=120s --retries=4 \
  CMD ["python", "-c", "import urllib.request as u; u.urlopen('http://127.0.0.1:8000/health', timeout=4)"]
CMD ["serve", "run", "core.cluster.app:build", "models=embedded"]

FROM base AS app
COPY --from=packages /opt/venv /opt/venv
USER 10001:10001
EXPOSE 8501
VOLUME ["/data"]
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=15s --timeout=5s --start-period=60s --retries=4 \
  CMD ["python", "-c", "import urllib.request as u; u.urlopen('http://127.0.0.1:8501/_stcore/health', timeout=4)"]
ENTRYPOINT ["python", "-m", "streamlit", "run", "app.py", "--server.headless=true"]
CMD ["--server.address=0.0.0.0", "--server.port=8501"]

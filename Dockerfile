# Alexandria in a container: `docker build -t alexandria .`, then see docs/how-to/run-in-a-container.md.
# The Python is the one that the tests run on; another: --build-arg PYTHON=3.13
ARG PYTHON=3.11

FROM python:${PYTHON}-slim AS build
ENV PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1 PYTHONDONTWRITEBYTECODE=1
WORKDIR /build
RUN python -m venv /opt/alexandria
# The locked requirements first: they change more rarely than the program.
COPY requirements/server.txt requirements/
RUN /opt/alexandria/bin/python -m pip install --require-hashes -r requirements/server.txt
COPY pyproject.toml README.md LICENSE ./
COPY src src
RUN /opt/alexandria/bin/python -m pip install --no-deps --no-build-isolation . \
 && /opt/alexandria/bin/python -m compileall -q -j 0 /opt/alexandria/lib \
 && /opt/alexandria/bin/python -m pip uninstall --yes hatchling editables pip

FROM python:${PYTHON}-slim
# The user has no home, no shell and owns nothing but the data.
RUN useradd --system --uid 10001 --no-create-home --home-dir /nonexistent --shell /usr/sbin/nologin alexandria \
 && install --directory --owner=10001 --group=10001 --mode=0700 /data
COPY --from=build /opt/alexandria /opt/alexandria
ENV PATH=/opt/alexandria/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    ALEXANDRIA_DATA_DIR=/data \
    ALEXANDRIA_HOST=0.0.0.0 \
    ALEXANDRIA_PORT=8000
USER 10001
WORKDIR /data
VOLUME /data
EXPOSE 8000
# Alive, not ready: a database that is away is no reason to kill the API, which waits for it.
HEALTHCHECK --interval=10s --timeout=5s --start-period=60s --retries=3 \
    CMD ["python", "-c", "import http.client, sys; c = http.client.HTTPConnection('127.0.0.1', 8000, timeout=4); c.request('GET', '/health'); sys.exit(c.getresponse().status != 200)"]
STOPSIGNAL SIGTERM
ENTRYPOINT ["alexandria"]
# Everything in one container, with the PostgreSQL that the program brings.
CMD ["up"]

# syntax=docker/dockerfile:1
FROM python:3.11-slim-bookworm AS build

# Another package index to look in, such as torch's own for its CPU build, which makes a far smaller image.
# Empty takes the public index, whose Linux build carries the CUDA runtime: a GPU then needs the nvidia runtime
# on the host and no CUDA base image here.
ARG TORCH_INDEX=""

WORKDIR /build
RUN python -m venv /opt/venv
COPY requirements.txt .
RUN --mount=type=cache,target=/root/.cache/pip \
    /opt/venv/bin/pip install --disable-pip-version-check ${TORCH_INDEX:+--extra-index-url "$TORCH_INDEX"} -r requirements.txt


FROM python:3.11-slim-bookworm

RUN useradd --uid 10001 --create-home --shell /usr/sbin/nologin infoscope \
    && install --directory --owner infoscope --group infoscope /data
COPY --from=build /opt/venv /opt/venv
WORKDIR /app
COPY . .
RUN mkdir -p static && cp /opt/venv/lib/python3.*/site-packages/plotly/package_data/plotly.min.js static/

# Which commit this is: every run's manifest names it. docker build --build-arg COMMIT="$(git rev-parse HEAD)" .
ARG COMMIT=""

# The root file system may be read-only: runs, uploads and compiled kernels go to /data, the rest to /tmp.
ENV PATH=/opt/venv/bin:$PATH \
    HOME=/tmp \
    INFOSCOPE_COMMIT=$COMMIT \
    INFOSCOPE_DATA=/data \
    NUMBA_CACHE_DIR=/data/kernels \
    PYTHONDONTWRITEBYTECODE=1 \
    STREAMLIT_BROWSER_SERVER_ADDRESS=localhost \
    STREAMLIT_LOGGER_HIDE_WELCOME_MESSAGE=true \
    STREAMLIT_SERVER_ADDRESS=0.0.0.0 \
    STREAMLIT_SERVER_HEADLESS=true
USER 10001
VOLUME /data
EXPOSE 8501
HEALTHCHECK --interval=30s --timeout=5s --start-period=60s --retries=3 \
    CMD ["python", "-c", "import urllib.request; urllib.request.urlopen('http://localhost:8501/_stcore/health', timeout=4)"]
CMD ["python", "-m", "streamlit", "run", "app.py", "--server.port=8501"]

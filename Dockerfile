# Build: everything that is installed, from the hash-locked list.
FROM python:3.13-slim-bookworm AS build
WORKDIR /src
COPY requirements.txt ./
RUN python -m venv /opt/fairs && /opt/fairs/bin/pip install --no-cache-dir --no-deps --require-hashes -r requirements.txt
COPY pyproject.toml README.md LICENSE NOTICE ./
COPY src ./src
COPY templates ./templates
COPY static ./static
COPY migrations ./migrations
RUN /opt/fairs/bin/pip install --no-cache-dir --no-deps --no-build-isolation . && /opt/fairs/bin/pip check

# Run: an ordinary user, the database elsewhere (FAIRS_DATABASE_URL) or embedded in /data.
FROM python:3.13-slim-bookworm
RUN useradd --system --uid 10001 --home-dir /data --shell /usr/sbin/nologin fairs && install -d -o fairs -m 0700 /data
COPY --from=build /opt/fairs /opt/fairs
ENV PATH=/opt/fairs/bin:$PATH PYTHONUNBUFFERED=1 FAIRS_DATA=/data
USER fairs
VOLUME /data
EXPOSE 8000
HEALTHCHECK --interval=10s --timeout=3s --start-period=60s \
    CMD ["python", "-c", "import urllib.request as u; u.urlopen('http://127.0.0.1:8000/readyz', timeout=2)"]
CMD ["fairs", "serve", "--host", "0.0.0.0", "--port", "8000"]

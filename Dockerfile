# One image, several processes: pages (gunicorn), sockets (uvicorn), jobs (celery worker), schedule (celery beat).
# See docker-compose.yml.

FROM python:3.11-slim AS build
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1 PIP_ROOT_USER_ACTION=ignore
RUN python -m venv /venv
COPY requirements.txt .
# Wheels only: nothing is compiled, on either architecture.
RUN /venv/bin/pip install --prefer-binary -r requirements.txt

FROM python:3.11-slim
# LightGBM's wheel needs OpenMP.
RUN apt-get update \
    && apt-get install -y --no-install-recommends libgomp1 \
    && rm -rf /var/lib/apt/lists/* \
    && groupadd --gid 10001 kith \
    && useradd --uid 10001 --gid kith --home-dir /app --no-create-home --shell /usr/sbin/nologin kith \
    && install -d -o kith -g kith /data /data/tmp
COPY --from=build /venv /venv
WORKDIR /app
COPY . .
ENV PATH=/venv/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    DJANGO_SETTINGS_MODULE=config.settings.production \
    DATA_DIR=/data \
    STATIC_ROOT=/app/staticfiles \
    PORT=8000
# Placeholders: the production settings don't load without them, and collectstatic uses none.
RUN SECRET_KEY=only-while-building JWT_PRIVATE_KEY=only-while-building ALLOWED_HOSTS=build.invalid \
    SITE_URL=https://build.invalid python manage.py collectstatic --no-input --verbosity 0 \
    && python -m compileall -q -j 0 /app -x '/app/(static|staticfiles|templates)/'

ARG VERSION=dev
ARG REVISION=unknown
ENV KITH_VERSION=$VERSION KITH_REVISION=$REVISION
LABEL org.opencontainers.image.title="Kith" \
      org.opencontainers.image.version=$VERSION \
      org.opencontainers.image.revision=$REVISION

USER kith
VOLUME /data
EXPOSE 8000
HEALTHCHECK --interval=10s --timeout=5s --start-period=30s --retries=3 CMD ["python", "deploy/healthcheck.py"]
STOPSIGNAL SIGTERM
CMD ["gunicorn", "--config", "deploy/gunicorn.conf.py", "config.wsgi:application"]

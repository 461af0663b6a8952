FROM python:3.11-slim

ENV PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    DJANGO_SETTINGS_MODULE=config.settings.production

# What PDFs are made with.
RUN apt-get update -qq \
    && apt-get install -y -qq --no-install-recommends \
       libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0 fonts-liberation \
    && rm -rf /var/lib/apt/lists/*

RUN useradd --system --uid 10001 --home-dir /app --shell /usr/sbin/nologin audits
WORKDIR /app

COPY requirements.lock ./
RUN pip install --no-cache-dir --require-hashes --requirement requirements.lock

COPY . .

# The settings want a whole environment; nothing of this one outlives the line.
RUN python -m compileall -q accounts actions audits config core dashboards moderation notifications \
    && SECRET_KEY=4b1d7Qm2xVz9TrWn6YpKc8JhLs3FgDa5Ue0iOtZyXvBwEkRj1N \
       ALLOWED_HOSTS=build.invalid \
       SITE_URL=https://build.invalid \
       DATABASE_URL=postgres://build.invalid/build \
       REDIS_URL=redis://build.invalid/0 \
       EMAIL_URL=smtp://build.invalid:25 \
       python manage.py collectstatic --noinput

USER 10001
EXPOSE 8000
CMD ["gunicorn", "config.wsgi", "--bind", "0.0.0.0:8000", "--no-control-socket"]

FROM python:3.11.14-slim-bookworm

ENV PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    PIP_NO_CACHE_DIR=1 \
    PIP_DISABLE_PIP_VERSION_CHECK=1

WORKDIR /app
COPY requirements.txt .
RUN pip install -r requirements.txt

# Compiled once here, since the service may not write to its own folder. A volume for backups gets
# the owner of the folder that it covers.
COPY . .
RUN python -m compileall -q . && useradd --system --no-create-home opd && install -d -o opd -m 0700 /backups
USER opd

# HOST: a container is reached from outside itself. PORT is the service's own default.
ENV HOST=0.0.0.0 \
    PORT=8000 \
    ENVIRONMENT=production
EXPOSE 8000

HEALTHCHECK --interval=10s --timeout=3s --start-period=10s --retries=3 \
    CMD ["python", "-c", "import os, urllib.request as r; r.urlopen('http://127.0.0.1:' + os.environ['PORT'] + '/healthz', timeout=2)"]

# The list form: the service itself gets SIGTERM, and ends by answering all that it took.
CMD ["python", "main.py"]

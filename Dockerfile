# The responder as Cortex runs it in Docker and Kubernetes. Build the worker first: npm run build
#
#   docker build --tag ip2process/ip2process:1.0 .
#   docker build --tag ip2process/ip2process:1.0-volatility3 --target volatility3 .     with Python and Volatility 3
#
# No CMD: Cortex 3.1 and Kubernetes give the job's folder as the argument, later versions give none. No USER: the job's
# folder belongs to whoever runs Cortex, and only that user and root can read it.
FROM debian:trixie-slim AS plain

RUN apt-get update \
  && apt-get install --yes --no-install-recommends nodejs \
  && rm -rf /var/lib/apt/lists/* /var/cache/apt/* /usr/share/doc/*

COPY dist/responders/Ip2Process /worker/Ip2Process

ENTRYPOINT ["node", "/worker/Ip2Process/ip2process.mjs"]

# The second engine beside ours: docs/volatility3.md. `vol` is found on the path; symbol tables are yours to add.
FROM plain AS volatility3

RUN --mount=type=bind,source=src/engine/volatility3/requirements.txt,target=/tmp/requirements.txt \
  apt-get update \
  && apt-get install --yes --no-install-recommends python3 python3-venv \
  && python3 -m venv /opt/volatility3 \
  && /opt/volatility3/bin/pip install --no-cache-dir --requirement /tmp/requirements.txt \
  && ln -s /opt/volatility3/bin/vol /usr/local/bin/vol \
  && rm -rf /var/lib/apt/lists/* /var/cache/apt/* /usr/share/doc/*

# What is built without a target: without Python.
FROM plain

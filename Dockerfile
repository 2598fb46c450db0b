# The responder as Cortex runs it in Docker and Kubernetes. Build the worker first: npm run build
#
#   docker build --tag ip2process/ip2process:1.0 .
#
# No CMD: Cortex 3.1 and Kubernetes give the job's folder as the argument, later versions give none. No USER: the job's
# folder belongs to whoever runs Cortex, and only that user and root can read it.
FROM debian:trixie-slim

RUN apt-get update \
  && apt-get install --yes --no-install-recommends nodejs \
  && rm -rf /var/lib/apt/lists/* /var/cache/apt/* /usr/share/doc/*

COPY dist/responders/Ip2Process /worker/Ip2Process

ENTRYPOINT ["node", "/worker/Ip2Process/ip2process.mjs"]

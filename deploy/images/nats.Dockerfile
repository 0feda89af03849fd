# The wheel's server is one static file: nothing else is needed.
FROM scratch
COPY nats-server nats.conf /
WORKDIR /tmp
WORKDIR /data
EXPOSE 4222
ENTRYPOINT ["/nats-server", "-c", "/nats.conf"]

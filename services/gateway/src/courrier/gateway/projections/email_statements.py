"""The statement behind every e-mail that is shown: what was said, who has it, its fate.

A look-up with LIMIT 1 stands where EXISTS would do: the planner hashes an EXISTS and would read all
of a person's mail for one page. A link to a record that was merged is one to what it became.
"""

BY_IDS = """
    SELECT e.email_id, e.source_id, e.status, e.raw_digest, e.raw_size, e.account_id,
           e.message_id, e.in_reply_to, e.refs, e.thread_id, e.thread_reason, e.subject,
           e.sent_from, e.reply_to, e.sent_to, e.cc, e.date, e.snippet, e.attachment_count,
           e.auto_reply, e.authentication, e.imported_at, e.actor, e.seq,
           CASE WHEN $3 THEN coalesce(t.text, d.text) END AS text,
           coalesce(t.attachments, d.attachments) AS attachments,
           d.author_id, d.bcc, d.state, d.attempts, d.outcomes, d.explanation, d.retry_at,
           d.changed_at,
           (SELECT json_agg(json_build_object(
                       'type', h.holder_type, 'id', h.holder_id,
                       'name', coalesce(u.name, g.name),
                       'folder', h.folder, 'account_id', h.account_id, 'is_read', h.is_read,
                       'is_important', h.is_important,
                       'reason', h.reason, 'at', h.held_at, 'seq', h.seq,
                       'privacy', coalesce(o.privacy, 'shared'),
                       'team_ids', coalesce(u.team_ids, ARRAY[g.team_id]))
                    ORDER BY h.seq, h.holder_id)
              FROM email_holders h
              LEFT JOIN users u ON u.user_id = h.holder_id
              LEFT JOIN teams g ON g.team_id = h.holder_id
              LEFT JOIN own_accounts o ON o.account_id = h.account_id
             WHERE h.email_id = e.email_id) AS holders,
           c.folder AS copy_folder, c.is_read AS copy_is_read, c.is_important AS copy_is_important,
           (SELECT json_agg(json_build_object(
                       'type', l.record_type, 'id', coalesce(m.into_id, l.record_id),
                       'name', r.name, 'account_id', r.account_id,
                       'is_parent', l.is_parent, 'reason', l.reason, 'at', l.linked_at,
                       'assigned', r.assigned_user_id,
                       'team_ids', r.fields -> 'team_ids')
                    ORDER BY l.is_parent DESC, l.seq, l.record_type, l.record_id)
              FROM email_links l
              LEFT JOIN LATERAL (
                   SELECT into_id FROM merged_records
                    WHERE record_type = l.record_type AND record_id = l.record_id
                    ORDER BY seq DESC LIMIT 1) m ON true
              LEFT JOIN records r
                ON r.record_type = l.record_type
               AND r.record_id = coalesce(m.into_id, l.record_id)
             WHERE l.email_id = e.email_id) AS links,
           (SELECT true FROM emails a
              JOIN email_holders ah
                ON ah.email_id = a.email_id AND ah.holder_id = $2
             WHERE a.replies_to = e.email_id AND a.status = 'sent' LIMIT 1)
               IS NOT NULL AS is_replied,
           NOT EXISTS (SELECT 1 FROM unnest(e.parties) AS p(address)
                        WHERE NOT EXISTS (SELECT 1 FROM user_addresses u
                                           WHERE u.address = p.address)
                          AND NOT EXISTS (SELECT 1 FROM own_accounts o
                                           WHERE o.address = p.address)) AS is_internal,
           ARRAY(SELECT DISTINCT o.user_id FROM mail_openings o
                  WHERE o.email_id = e.email_id AND o.opened_at > now() - interval '1 hour')
               AS opened_by
      FROM unnest($1::text[]) WITH ORDINALITY AS wanted(email_id, place)
      JOIN emails e ON e.email_id = wanted.email_id
      LEFT JOIN team_copies c ON c.email_id = e.email_id AND c.person_id = $2
      LEFT JOIN received_texts t ON t.event_id = e.source_id
      LEFT JOIN deliveries d ON d.email_id = e.email_id
     ORDER BY wanted.place
"""

-- name: put_documents
-- Stores what records are found by: a JSON list of rows.
select search.put_documents(%(rows)s::jsonb)

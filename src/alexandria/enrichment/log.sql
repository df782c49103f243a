-- The log of attempts, by month.

-- name: make_partitions
-- Makes the partitions of the log for the next months.
select mirror_meta.make_partitions('enriched.log', 3)

-- A job whose lease lapsed has waited for its turn already: it is found before those that were due while it ran.
drop index queue.jobs_due;
create index jobs_due on queue.jobs (kind, priority, (worker is null), run_at);

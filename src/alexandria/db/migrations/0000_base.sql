-- How our role plans its statements in this database, so that any server behaves like the embedded one:
-- no JIT (short statements pay for it), and index pages are nearly as cheap as neighbours on solid-state disks.
-- Without the privilege the server's own settings stay; that costs speed, never correctness.
DO $$
BEGIN
    EXECUTE format('ALTER ROLE CURRENT_USER IN DATABASE %I SET jit = off', current_database());
    EXECUTE format('ALTER ROLE CURRENT_USER IN DATABASE %I SET random_page_cost = 1.1', current_database());
EXCEPTION
    WHEN insufficient_privilege THEN
        RAISE NOTICE 'role settings not changed: %', SQLERRM;
END
$$;

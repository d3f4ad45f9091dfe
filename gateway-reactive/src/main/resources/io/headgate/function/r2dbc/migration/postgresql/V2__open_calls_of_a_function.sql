-- How many of a function have not ended.
CREATE INDEX fn_calls_open_of_fn ON fn_calls (fn_id, open_at) WHERE open_at IS NOT NULL;

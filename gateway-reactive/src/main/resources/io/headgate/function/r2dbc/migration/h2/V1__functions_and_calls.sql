-- Names are listed by code points: the bytes of UTF-8 compare so, the characters of H2 do not.
CREATE TABLE fn_apps (
    id          VARCHAR                     NOT NULL,
    name        VARCHAR                     NOT NULL,
    name_order  VARBINARY                   GENERATED ALWAYS AS (STRINGTOUTF8(name)),
    config      VARCHAR                     NOT NULL,
    annotations VARCHAR                     NOT NULL,
    syslog_url  VARCHAR,
    created_at  TIMESTAMP(6) WITH TIME ZONE NOT NULL,
    updated_at  TIMESTAMP(6) WITH TIME ZONE NOT NULL,
    CONSTRAINT fn_apps_id PRIMARY KEY (id),
    CONSTRAINT fn_apps_name UNIQUE (name)
);

CREATE INDEX fn_apps_list ON fn_apps (name_order);

CREATE TABLE fn_functions (
    id                   VARCHAR                     NOT NULL,
    app_id               VARCHAR                     NOT NULL,
    name                 VARCHAR                     NOT NULL,
    name_order           VARBINARY                   GENERATED ALWAYS AS (STRINGTOUTF8(name)),
    image                VARCHAR                     NOT NULL,
    memory_mb            INTEGER                     NOT NULL,
    timeout_seconds      INTEGER                     NOT NULL,
    idle_timeout_seconds INTEGER                     NOT NULL,
    config               VARCHAR                     NOT NULL,
    annotations          VARCHAR                     NOT NULL,
    created_at           TIMESTAMP(6) WITH TIME ZONE NOT NULL,
    updated_at           TIMESTAMP(6) WITH TIME ZONE NOT NULL,
    CONSTRAINT fn_functions_id PRIMARY KEY (id),
    CONSTRAINT fn_functions_name UNIQUE (app_id, name),
    CONSTRAINT fn_functions_app FOREIGN KEY (app_id) REFERENCES fn_apps (id) ON DELETE CASCADE
);

CREATE INDEX fn_functions_list ON fn_functions (app_id, name_order);

CREATE TABLE fn_triggers (
    id          VARCHAR                     NOT NULL,
    app_id      VARCHAR                     NOT NULL,
    fn_id       VARCHAR                     NOT NULL,
    name        VARCHAR                     NOT NULL,
    name_order  VARBINARY                   GENERATED ALWAYS AS (STRINGTOUTF8(name)),
    type        VARCHAR                     NOT NULL,
    source      VARCHAR                     NOT NULL,
    annotations VARCHAR                     NOT NULL,
    created_at  TIMESTAMP(6) WITH TIME ZONE NOT NULL,
    updated_at  TIMESTAMP(6) WITH TIME ZONE NOT NULL,
    CONSTRAINT fn_triggers_id PRIMARY KEY (id),
    CONSTRAINT fn_triggers_name UNIQUE (fn_id, name),
    CONSTRAINT fn_triggers_source UNIQUE (app_id, type, source),
    CONSTRAINT fn_triggers_app FOREIGN KEY (app_id) REFERENCES fn_apps (id) ON DELETE CASCADE,
    CONSTRAINT fn_triggers_fn FOREIGN KEY (fn_id) REFERENCES fn_functions (id) ON DELETE CASCADE
);

CREATE INDEX fn_triggers_list ON fn_triggers (app_id, name_order, id);

-- Calls outlive their functions. open_at is when somebody may take the call: when it is due, or when the lease on it ends; none
-- when it has ended. rank_at is its place among those that are due.
CREATE TABLE fn_calls (
    id            VARCHAR                     NOT NULL,
    app_id        VARCHAR                     NOT NULL,
    fn_id         VARCHAR                     NOT NULL,
    trigger_id    VARCHAR,
    priority      INTEGER                     NOT NULL,
    status        VARCHAR                     NOT NULL,
    attempts      INTEGER                     NOT NULL,
    created_at    TIMESTAMP(6) WITH TIME ZONE NOT NULL,
    due_at        TIMESTAMP(6) WITH TIME ZONE NOT NULL,
    expires_at    TIMESTAMP(6) WITH TIME ZONE NOT NULL,
    max_age_ms    BIGINT                      NOT NULL,
    rank_at       TIMESTAMP(6) WITH TIME ZONE NOT NULL,
    open_at       TIMESTAMP(6) WITH TIME ZONE,
    open_rank     TIMESTAMP(6) WITH TIME ZONE GENERATED ALWAYS AS (CASE WHEN open_at IS NOT NULL THEN rank_at END),
    lease         VARCHAR,
    worker        VARCHAR,
    started_at    TIMESTAMP(6) WITH TIME ZONE,
    completed_at  TIMESTAMP(6) WITH TIME ZONE,
    error         VARCHAR,
    fields        VARCHAR                     NOT NULL,
    payload       BLOB                        NOT NULL,
    result_status INTEGER,
    result_fields VARCHAR,
    result_body   BLOB,
    log           BLOB,
    CONSTRAINT fn_calls_id PRIMARY KEY (id)
);

-- Who leases reads the first in the order of ranks; those that have ended have none here. That a call is not due yet is seen in the
-- index.
CREATE INDEX fn_calls_due ON fn_calls (open_rank, id, open_at, fn_id);
-- When there is something to do next.
CREATE INDEX fn_calls_open ON fn_calls (open_at);
-- Calls of a function, the newest first; state and time of creation are seen in the index.
CREATE INDEX fn_calls_list ON fn_calls (fn_id, id DESC, created_at, status);
-- What is forgotten.
CREATE INDEX fn_calls_ended ON fn_calls (completed_at, id);
-- What is counted.
CREATE INDEX fn_calls_backlog ON fn_calls (status, created_at);

-- Names are compared by code points, whatever the database sorts by elsewhere.
CREATE TABLE fn_apps (
    id          text COLLATE "C" NOT NULL,
    name        text COLLATE "C" NOT NULL,
    config      text             NOT NULL,
    annotations text             NOT NULL,
    syslog_url  text,
    created_at  timestamptz      NOT NULL,
    updated_at  timestamptz      NOT NULL,
    CONSTRAINT fn_apps_id PRIMARY KEY (id),
    CONSTRAINT fn_apps_name UNIQUE (name)
);

CREATE TABLE fn_functions (
    id                   text COLLATE "C" NOT NULL,
    app_id               text COLLATE "C" NOT NULL,
    name                 text COLLATE "C" NOT NULL,
    image                text             NOT NULL,
    memory_mb            integer          NOT NULL,
    timeout_seconds      integer          NOT NULL,
    idle_timeout_seconds integer          NOT NULL,
    config               text             NOT NULL,
    annotations          text             NOT NULL,
    created_at           timestamptz      NOT NULL,
    updated_at           timestamptz      NOT NULL,
    CONSTRAINT fn_functions_id PRIMARY KEY (id),
    CONSTRAINT fn_functions_name UNIQUE (app_id, name),
    CONSTRAINT fn_functions_app FOREIGN KEY (app_id) REFERENCES fn_apps ON DELETE CASCADE
);

CREATE TABLE fn_triggers (
    id          text COLLATE "C" NOT NULL,
    app_id      text COLLATE "C" NOT NULL,
    fn_id       text COLLATE "C" NOT NULL,
    name        text COLLATE "C" NOT NULL,
    type        text COLLATE "C" NOT NULL,
    source      text COLLATE "C" NOT NULL,
    annotations text             NOT NULL,
    created_at  timestamptz      NOT NULL,
    updated_at  timestamptz      NOT NULL,
    CONSTRAINT fn_triggers_id PRIMARY KEY (id),
    CONSTRAINT fn_triggers_name UNIQUE (fn_id, name),
    CONSTRAINT fn_triggers_source UNIQUE (app_id, type, source),
    CONSTRAINT fn_triggers_app FOREIGN KEY (app_id) REFERENCES fn_apps ON DELETE CASCADE,
    CONSTRAINT fn_triggers_fn FOREIGN KEY (fn_id) REFERENCES fn_functions ON DELETE CASCADE
);

CREATE INDEX fn_triggers_list ON fn_triggers (app_id, name, id);

-- Calls outlive their functions. open_at is when somebody may take the call: when it is due, or when the lease on it ends; none
-- when it has ended. rank_at is its place among those that are due.
CREATE TABLE fn_calls (
    id            text COLLATE "C" NOT NULL,
    app_id        text             NOT NULL,
    fn_id         text COLLATE "C" NOT NULL,
    trigger_id    text,
    priority      integer          NOT NULL,
    status        text COLLATE "C" NOT NULL,
    attempts      integer          NOT NULL,
    created_at    timestamptz      NOT NULL,
    due_at        timestamptz      NOT NULL,
    expires_at    timestamptz      NOT NULL,
    max_age_ms    bigint           NOT NULL,
    rank_at       timestamptz      NOT NULL,
    open_at       timestamptz,
    lease         text,
    worker        text,
    started_at    timestamptz,
    completed_at  timestamptz,
    error         text,
    fields        text             NOT NULL,
    payload       bytea            NOT NULL,
    result_status integer,
    result_fields text,
    result_body   bytea,
    log           bytea,
    CONSTRAINT fn_calls_id PRIMARY KEY (id)
);

-- Who leases reads the first in the order of ranks; that a call is not due yet is seen in the index.
CREATE INDEX fn_calls_due ON fn_calls (rank_at, id, open_at) WHERE open_at IS NOT NULL;
-- When there is something to do next.
CREATE INDEX fn_calls_open ON fn_calls (open_at) WHERE open_at IS NOT NULL;
-- Calls of a function, the newest first; state and time of creation are seen in the index.
CREATE INDEX fn_calls_list ON fn_calls (fn_id, id, created_at, status);
-- What is forgotten.
CREATE INDEX fn_calls_ended ON fn_calls (completed_at, id) WHERE completed_at IS NOT NULL;
-- What is counted.
CREATE INDEX fn_calls_backlog ON fn_calls (status, created_at) WHERE status IN ('QUEUED', 'RUNNING', 'ERROR', 'TIMEOUT');

-- The first form of the database. Files here are only ever appended: a released one never changes.
--
-- In every table "session" is sessions.key. Times are Unix milliseconds. JSON is kept as the text
-- that was checked when it came in. Columns that change often stand before those that may be long,
-- so that an update touches the first page of a row only.

-- One row per session, living (state 0) or deleted and not yet purged (state 1). AUTOINCREMENT, so
-- that a key is never used again: a new session of an old name shares nothing with the one before.
-- Two facts are deliberately not here, because a batch would have to write this row for each of its
-- sessions: the newest seq is that of the newest event row, which pruning always leaves, and the
-- epoch in force is the newest row of epochs.
CREATE TABLE sessions (
  key         INTEGER PRIMARY KEY AUTOINCREMENT,
  id            TEXT    NOT NULL CHECK (length(id) BETWEEN 1 AND 64),
  state         INTEGER NOT NULL DEFAULT 0 CHECK (state IN (0, 1)),
  created_ms    INTEGER NOT NULL,
  objects_seq   INTEGER NOT NULL DEFAULT 0 CHECK (objects_seq >= 0), -- object rows hold all up to here
  world_version INTEGER NOT NULL DEFAULT 1, -- seq of the world's last change; 1: the creation
  script        TEXT,                       -- NULL: none
  camera        TEXT,                       -- NULL: never set
  world         TEXT    NOT NULL
) STRICT;

-- A name belongs to one living session at a time; also the order of the list of sessions.
CREATE UNIQUE INDEX sessions_living ON sessions (id) WHERE state = 0;
-- What is left to purge; almost always empty.
CREATE INDEX sessions_deleted ON sessions (key) WHERE state = 1;

-- The random id made at each loading of a session, with the first seq that may belong to it.
CREATE TABLE epochs (
  id        INTEGER PRIMARY KEY,
  session   INTEGER NOT NULL REFERENCES sessions (key),
  first_seq INTEGER NOT NULL CHECK (first_seq > 0),
  epoch     TEXT    NOT NULL CHECK (length(epoch) BETWEEN 1 AND 23)
) STRICT;

CREATE UNIQUE INDEX epochs_by_name ON epochs (session, epoch);

-- The objects of a session as of sessions.objects_seq or later (rows may be written behind the
-- events; the events above objects_seq bring them up to date). Clustered, so that loading a session
-- reads neighbouring pages.
CREATE TABLE objects (
  session INTEGER NOT NULL REFERENCES sessions (key),
  name    TEXT    NOT NULL,
  version INTEGER NOT NULL, -- seq of the last change
  time_ms INTEGER NOT NULL, -- by its sender's clock, as far as that can be believed
  writer  TEXT,             -- who made it, where conflicts go by time; else NULL
  body    TEXT    NOT NULL, -- the object, without version
  PRIMARY KEY (session, name)
) STRICT, WITHOUT ROWID;

-- The log: a row here is what makes an event durable. Appended in order of commit and found through
-- the index; clustering it by session was measured to write three times the pages.
CREATE TABLE events (
  id            INTEGER PRIMARY KEY,
  session       INTEGER NOT NULL REFERENCES sessions (key),
  seq           INTEGER NOT NULL CHECK (seq > 0),
  time_ms       INTEGER NOT NULL,
  type          TEXT    NOT NULL,
  client_id     TEXT,
  client_msg_id INTEGER, -- the sender's own id of the message; NULL: none
  body          TEXT    NOT NULL
) STRICT;

CREATE UNIQUE INDEX events_by_seq ON events (session, seq);

-- The next three are not written yet: they are named now because migrations are only appended.

-- Clients that may come back: the last message id seen of each and the outcomes of its latest ones.
CREATE TABLE clients (
  client_id  TEXT    PRIMARY KEY,
  last_id    INTEGER NOT NULL,
  expires_ms INTEGER NOT NULL,
  outcomes   TEXT    NOT NULL
) STRICT, WITHOUT ROWID;

CREATE INDEX clients_by_expiry ON clients (expires_ms);

-- Answers already given to requests that carried an Idempotency-Key.
CREATE TABLE idempotency (
  principal    TEXT    NOT NULL,
  key          TEXT    NOT NULL,
  request_hash BLOB    NOT NULL,
  expires_ms   INTEGER NOT NULL,
  status       INTEGER NOT NULL,
  body         TEXT    NOT NULL,
  PRIMARY KEY (principal, key)
) STRICT, WITHOUT ROWID;

CREATE INDEX idempotency_by_expiry ON idempotency (expires_ms);

-- What plugins keep. Session 0 (never a key) holds what belongs to no session; the rest is purged
-- with its session.
CREATE TABLE plugin_kv (
  session INTEGER NOT NULL,
  plugin  TEXT    NOT NULL,
  key     TEXT    NOT NULL,
  value   TEXT    NOT NULL,
  PRIMARY KEY (session, plugin, key)
) STRICT, WITHOUT ROWID;

-- Single values: "version" (the build that opened the database last), "probe" (when the writer last
-- tried whether the disk works again), secrets.
CREATE TABLE meta (
  key   TEXT PRIMARY KEY,
  value ANY  NOT NULL
) STRICT, WITHOUT ROWID;

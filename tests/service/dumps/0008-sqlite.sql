BEGIN TRANSACTION;
CREATE TABLE alembic_version (
	version_num VARCHAR(32) NOT NULL, 
	CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num)
);
INSERT INTO "alembic_version" VALUES('0008');
CREATE TABLE answers (
	id VARCHAR(64) NOT NULL, 
	version INTEGER NOT NULL, 
	created_at_s FLOAT NOT NULL, 
	person_id VARCHAR(64) NOT NULL, 
	document JSON NOT NULL, 
	CONSTRAINT pk_answers PRIMARY KEY (id)
);
CREATE TABLE api_tokens (
	id VARCHAR(64) NOT NULL, 
	version INTEGER NOT NULL, 
	created_at_s FLOAT NOT NULL, 
	person_id VARCHAR(64) NOT NULL, 
	document JSON NOT NULL, 
	CONSTRAINT pk_api_tokens PRIMARY KEY (id)
);
INSERT INTO "api_tokens" VALUES('api_tokens-1',3,1750000000.0,'p','{"name": "nb", "scopes": ["read", "write"], "expires_at_s": null}');
CREATE TABLE attendants (
	id VARCHAR(64) NOT NULL, 
	version INTEGER NOT NULL, 
	created_at_s FLOAT NOT NULL, 
	event_id VARCHAR(64) NOT NULL, 
	person_id VARCHAR(64) NOT NULL, 
	document JSON NOT NULL, 
	CONSTRAINT pk_attendants PRIMARY KEY (id)
);
INSERT INTO "attendants" VALUES('attendants-1',3,1750000000.0,'e','p','{"is_banned": false, "is_new": true}');
CREATE TABLE charges (
	id VARCHAR(64) NOT NULL, 
	version INTEGER NOT NULL, 
	created_at_s FLOAT NOT NULL, 
	owner_id VARCHAR(64) NOT NULL, 
	month VARCHAR(7) NOT NULL, 
	job_id VARCHAR(64) NOT NULL, 
	compute_s FLOAT NOT NULL, 
	document JSON NOT NULL, 
	CONSTRAINT pk_charges PRIMARY KEY (id), 
	CONSTRAINT uq_charges_job_id UNIQUE (job_id)
);
INSERT INTO "charges" VALUES('charges-1',3,1750000000.0,'p','2026-11','j',12.5,'{}');
CREATE TABLE credentials (
	id VARCHAR(64) NOT NULL, 
	version INTEGER NOT NULL, 
	created_at_s FLOAT NOT NULL, 
	document JSON NOT NULL, 
	CONSTRAINT pk_credentials PRIMARY KEY (id)
);
INSERT INTO "credentials" VALUES('credentials-1',3,1750000000.0,'{"password_hash": "", "recovery_hash": ""}');
CREATE TABLE drafts (
	id VARCHAR(64) NOT NULL, 
	version INTEGER NOT NULL, 
	created_at_s FLOAT NOT NULL, 
	owner_id VARCHAR(64) NOT NULL, 
	purpose VARCHAR(80) NOT NULL, 
	document JSON NOT NULL, 
	CONSTRAINT pk_drafts PRIMARY KEY (id)
);
INSERT INTO "drafts" VALUES('drafts-1',3,1750000000.0,'p','create','{"sheet": {"name": "car"}}');
CREATE TABLE entrants (
	id VARCHAR(64) NOT NULL, 
	version INTEGER NOT NULL, 
	created_at_s FLOAT NOT NULL, 
	race_id VARCHAR(64) NOT NULL, 
	person_id VARCHAR(64) NOT NULL, 
	document JSON NOT NULL, 
	CONSTRAINT pk_entrants PRIMARY KEY (id)
);
INSERT INTO "entrants" VALUES('entrants-1',3,1750000000.0,'r','p','{"is_shut_out": false}');
CREATE TABLE events (
	id VARCHAR(64) NOT NULL, 
	version INTEGER NOT NULL, 
	created_at_s FLOAT NOT NULL, 
	owner_id VARCHAR(64) NOT NULL, 
	link VARCHAR(64) NOT NULL, 
	document JSON NOT NULL, 
	CONSTRAINT pk_events PRIMARY KEY (id), 
	CONSTRAINT uq_events_link UNIQUE (link)
);
INSERT INTO "events" VALUES('events-1',3,1750000000.0,'p','EVNT','{"name": "Open day", "description": "", "starts_at_s": 1750000000.0, "ends_at_s": 1760000000.0, "heads": 60, "racer_name_pattern": "", "racer_name_hint": "", "limits": {"minutes_per_month": null, "models": null, "jobs": null, "disk_mb": null}, "timetable": [{"at_s": 1750000000.0, "what": "Start"}], "race_ids": [], "practice_race_id": ""}');
CREATE TABLE heats (
	id VARCHAR(64) NOT NULL, 
	version INTEGER NOT NULL, 
	created_at_s FLOAT NOT NULL, 
	race_id VARCHAR(64) NOT NULL, 
	status VARCHAR(16) NOT NULL, 
	document JSON NOT NULL, 
	CONSTRAINT pk_heats PRIMARY KEY (id)
);
INSERT INTO "heats" VALUES('heats-1',3,1750000000.0,'r','WAITING','{"kind": "SOLO", "title": "Final", "contestants": [{"submission_id": "s", "person_id": "p", "name": "Ann", "model_name": "car", "checkpoint": 3, "shell": "classic", "colour": "black", "seed": null}], "place": 0.0, "match": "", "attempt": 0, "job_id": "", "launched_at_s": null, "shown_from_s": null, "shown_s": 0.0, "places": [], "trials": [], "limits": {}, "is_settled": false, "winner": "", "message": ""}');
CREATE TABLE invitations (
	id VARCHAR(64) NOT NULL, 
	version INTEGER NOT NULL, 
	created_at_s FLOAT NOT NULL, 
	code VARCHAR(64) NOT NULL, 
	document JSON NOT NULL, 
	CONSTRAINT pk_invitations PRIMARY KEY (id), 
	CONSTRAINT uq_invitations_code UNIQUE (code)
);
INSERT INTO "invitations" VALUES('invitations-1',3,1750000000.0,'ABC','{"made_by": "p", "role": "RACER", "heads": 1, "used": 0, "expires_at_s": 2000000000.0, "starts_at_s": 0.0, "note": "", "event_id": "", "racer_name_pattern": "", "racer_name_hint": "", "limits": null}');
CREATE TABLE jobs (
	id VARCHAR(64) NOT NULL, 
	version INTEGER NOT NULL, 
	created_at_s FLOAT NOT NULL, 
	owner_id VARCHAR(64) NOT NULL, 
	model_id VARCHAR(64) NOT NULL, 
	kind VARCHAR(16) NOT NULL, 
	status VARCHAR(16) NOT NULL, 
	lease_until_s FLOAT, 
	document JSON NOT NULL, 
	CONSTRAINT pk_jobs PRIMARY KEY (id)
);
INSERT INTO "jobs" VALUES('jobs-1',3,1750000000.0,'p','m','EVALUATION','IN_PROGRESS',NULL,'{"model_name": "car", "request": {"trials": 3}, "planned_s": 60.0, "is_resuming": false, "attempts": 0, "worker": "", "node": "", "worker_pid": null, "started_at_s": null, "ended_at_s": null, "compute_s": 0.0, "attempt_s": 0.0, "wish": "", "message": "", "report": {"mean_reward": 1.5, "clean_laps": null}}');
CREATE TABLE learners (
	id VARCHAR(64) NOT NULL, 
	version INTEGER NOT NULL, 
	created_at_s FLOAT NOT NULL, 
	document JSON NOT NULL, 
	CONSTRAINT pk_learners PRIMARY KEY (id)
);
INSERT INTO "learners" VALUES('learners-1',3,1750000000.0,'{"language": "de", "seen": {"garage.vehicle": 1750000000.0}, "chapters": {"loop": 1750000000.0}, "answers": {"agent": {"first": "track", "newest": "car"}}}');
CREATE TABLE leases (
	id VARCHAR(64) NOT NULL, 
	version INTEGER NOT NULL, 
	created_at_s FLOAT NOT NULL, 
	document JSON NOT NULL, 
	CONSTRAINT pk_leases PRIMARY KEY (id)
);
INSERT INTO "leases" VALUES('leases-1',3,1750000000.0,'{"token_hash": "00"}');
CREATE TABLE log_uploads (
	id VARCHAR(64) NOT NULL, 
	version INTEGER NOT NULL, 
	created_at_s FLOAT NOT NULL, 
	owner_id VARCHAR(64) NOT NULL, 
	size_bytes BIGINT NOT NULL, 
	document JSON NOT NULL, 
	CONSTRAINT pk_log_uploads PRIMARY KEY (id)
);
INSERT INTO "log_uploads" VALUES('log_uploads-1',3,1750000000.0,'p',9,'{"name": "Old", "file": "old.zip", "kind": "", "track": "", "steps": 0, "iterations": [], "evaluations": []}');
CREATE TABLE models (
	id VARCHAR(64) NOT NULL, 
	version INTEGER NOT NULL, 
	created_at_s FLOAT NOT NULL, 
	owner_id VARCHAR(64) NOT NULL, 
	name VARCHAR(64) NOT NULL, 
	state VARCHAR(16) NOT NULL, 
	size_bytes BIGINT NOT NULL, 
	deleted_at_s FLOAT, 
	document JSON NOT NULL, 
	CONSTRAINT pk_models PRIMARY KEY (id)
);
INSERT INTO "models" VALUES('models-1',3,1750000000.0,'p','car','CREATED',0,1000000000.0,'{"description": "", "tags": ["a", "quote \"''"], "algorithm": "PPO", "sensors": [], "network": "", "tracks": [], "vehicle_name": "", "shell": "classic", "colour": "black", "parent_id": "", "was_imported": false, "is_sample": false, "problem": ""}');
CREATE TABLE nodes (
	id VARCHAR(64) NOT NULL, 
	version INTEGER NOT NULL, 
	created_at_s FLOAT NOT NULL, 
	seen_at_s FLOAT NOT NULL, 
	document JSON NOT NULL, 
	CONSTRAINT pk_nodes PRIMARY KEY (id)
);
INSERT INTO "nodes" VALUES('nodes-1',3,1750000000.0,1750000000.0,'{"facts": {"id": "nodes-1", "slots": 2, "racecraft": "0", "cores": 4, "memory_mb": null, "memory_free_mb": null, "disk_free_mb": null, "load": 0.5, "home": ""}, "token_name": "lab"}');
CREATE TABLE people (
	id VARCHAR(64) NOT NULL, 
	version INTEGER NOT NULL, 
	created_at_s FLOAT NOT NULL, 
	name_key VARCHAR(64) NOT NULL, 
	role VARCHAR(16) NOT NULL, 
	is_active BOOLEAN NOT NULL, 
	document JSON NOT NULL, 
	CONSTRAINT pk_people PRIMARY KEY (id), 
	CONSTRAINT uq_people_name_key UNIQUE (name_key)
);
INSERT INTO "people" VALUES('people-1',3,1750000000.0,'ann','ORGANISER',1,'{"name": "Ann-\u00dcn\u00efcode", "has_chosen_name": true, "has_samples": false, "country": "", "email": "", "avatar": {"skin_tone": "medium", "head": "helmet", "eyes": "open", "eyebrows": "straight", "mouth": "smile", "clothing": "overall"}, "limits": {"minutes_per_month": null, "models": null, "jobs": null, "disk_mb": null}}');
CREATE TABLE races (
	id VARCHAR(64) NOT NULL, 
	version INTEGER NOT NULL, 
	created_at_s FLOAT NOT NULL, 
	owner_id VARCHAR(64) NOT NULL, 
	link VARCHAR(64) NOT NULL, 
	document JSON NOT NULL, 
	CONSTRAINT pk_races PRIMARY KEY (id), 
	CONSTRAINT uq_races_link UNIQUE (link)
);
INSERT INTO "races" VALUES('races-1',3,1750000000.0,'p','LINK','{"track_sha256": "", "name": "Cup", "description": "", "picture": 0, "visibility": "SECRET", "hosting": "CLASSIC", "starts_at_s": 1750000000.0, "ends_at_s": 1760000000.0, "max_submissions": 0, "rules": {"track": {"name": "pebble-oval", "is_reversed": false}, "race": {"type": "TIME_TRIAL", "obstacles": null, "bots": null}, "ranking": "BEST_LAP_TIME", "laps": 5, "min_laps": 1, "is_continuous": false, "max_resets": 10000, "off_track_penalty_s": 3.0, "collision_penalty_s": 5.0, "interval_jitter": 0.05, "grip_jitter": 0.02, "seed": 0}}');
CREATE TABLE screens (
	id VARCHAR(64) NOT NULL, 
	version INTEGER NOT NULL, 
	created_at_s FLOAT NOT NULL, 
	race_id VARCHAR(64) NOT NULL, 
	code VARCHAR(64) NOT NULL, 
	document JSON NOT NULL, 
	CONSTRAINT pk_screens PRIMARY KEY (id), 
	CONSTRAINT uq_screens_race_id UNIQUE (race_id), 
	CONSTRAINT uq_screens_code UNIQUE (code)
);
INSERT INTO "screens" VALUES('screens-1',3,1750000000.0,'r','CODE','{"accent": "#c25200", "background": "", "headline": "", "invites": true, "address": "", "logo": "00"}');
CREATE TABLE seasons (
	id VARCHAR(64) NOT NULL, 
	version INTEGER NOT NULL, 
	created_at_s FLOAT NOT NULL, 
	owner_id VARCHAR(64) NOT NULL, 
	document JSON NOT NULL, 
	CONSTRAINT pk_seasons PRIMARY KEY (id)
);
INSERT INTO "seasons" VALUES('seasons-1',3,1750000000.0,'p','{"name": "Winter", "description": "", "race_ids": [], "points": [3, 2, 1], "counted": 0, "divisions": [], "corrections": []}');
CREATE TABLE sessions (
	id VARCHAR(64) NOT NULL, 
	version INTEGER NOT NULL, 
	created_at_s FLOAT NOT NULL, 
	person_id VARCHAR(64) NOT NULL, 
	expires_at_s FLOAT NOT NULL, 
	document JSON NOT NULL, 
	CONSTRAINT pk_sessions PRIMARY KEY (id)
);
INSERT INTO "sessions" VALUES('sessions-1',3,1750000000.0,'p',2000000000.0,'{"browser": ""}');
CREATE TABLE settings (
	id VARCHAR(64) NOT NULL, 
	version INTEGER NOT NULL, 
	created_at_s FLOAT NOT NULL, 
	document JSON NOT NULL, 
	CONSTRAINT pk_settings PRIMARY KEY (id)
);
INSERT INTO "settings" VALUES('settings-1',3,1750000000.0,'{"name": "racecraft", "registration": "INVITATION", "racer_name_pattern": "", "racer_name_hint": "", "session_days": 30, "new_person": {"minutes_per_month": null, "models": null, "jobs": null, "disk_mb": null}, "whole": {"minutes_per_month": null, "models": null, "jobs": null, "disk_mb": null}}');
CREATE TABLE shows (
	id VARCHAR(64) NOT NULL, 
	version INTEGER NOT NULL, 
	created_at_s FLOAT NOT NULL, 
	is_on BOOLEAN NOT NULL, 
	document JSON NOT NULL, 
	CONSTRAINT pk_shows PRIMARY KEY (id)
);
INSERT INTO "shows" VALUES('shows-1',3,1750000000.0,1,'{"begun_at_s": null, "starts_at_s": 1750000000.0, "is_paused": false, "autolaunch": true, "gap_s": 20.0, "lights_s": 5.0, "max_retries": 3, "bracket": null, "winner": null, "podium": [], "is_over": false}');
CREATE TABLE sign_in_failures (
	id VARCHAR(64) NOT NULL, 
	version INTEGER NOT NULL, 
	created_at_s FLOAT NOT NULL, 
	subject VARCHAR(200) NOT NULL, 
	document JSON NOT NULL, 
	CONSTRAINT pk_sign_in_failures PRIMARY KEY (id)
);
INSERT INTO "sign_in_failures" VALUES('sign_in_failures-1',3,1750000000.0,'name ann','{}');
CREATE TABLE submissions (
	id VARCHAR(64) NOT NULL, 
	version INTEGER NOT NULL, 
	created_at_s FLOAT NOT NULL, 
	race_id VARCHAR(64) NOT NULL, 
	person_id VARCHAR(64) NOT NULL, 
	job_id VARCHAR(64) NOT NULL, 
	document JSON NOT NULL, 
	CONSTRAINT pk_submissions PRIMARY KEY (id), 
	CONSTRAINT uq_submissions_job_id UNIQUE (job_id)
);
INSERT INTO "submissions" VALUES('submissions-1',3,1750000000.0,'r','p','j','{"model_id": "m", "model_name": "car", "checkpoint": 3, "weights_sha256": "00", "shell": "classic", "colour": "black", "status": "QUEUED", "message": "", "limit": null, "result": {"time_ms": null, "best_lap_ms": null, "average_lap_ms": null, "total_ms": null, "laps_completed": 0, "laps_in_a_row": 0, "off_tracks": 0, "crashes": 0, "resets": 0, "impossible_laps": 0}, "laps": [], "ended_at_s": null, "struck": "", "reruns": []}');
CREATE TABLE vehicles (
	id VARCHAR(64) NOT NULL, 
	version INTEGER NOT NULL, 
	created_at_s FLOAT NOT NULL, 
	owner_id VARCHAR(64) NOT NULL, 
	name_key VARCHAR(64) NOT NULL, 
	document JSON NOT NULL, 
	CONSTRAINT pk_vehicles PRIMARY KEY (id)
);
INSERT INTO "vehicles" VALUES('vehicles-1',3,1750000000.0,'p','mine','{"name": "Mine", "sensors": ["FRONT_FACING_CAMERA"], "network": "DEEP_CONVOLUTIONAL_NETWORK_SHALLOW", "shell": "classic", "colour": "black"}');
CREATE TABLE worker_tokens (
	id VARCHAR(64) NOT NULL, 
	version INTEGER NOT NULL, 
	created_at_s FLOAT NOT NULL, 
	document JSON NOT NULL, 
	CONSTRAINT pk_worker_tokens PRIMARY KEY (id)
);
INSERT INTO "worker_tokens" VALUES('worker_tokens-1',3,1750000000.0,'{"name": "lab", "made_by": "p"}');
CREATE INDEX ix_api_tokens_person_id ON api_tokens (person_id);
CREATE INDEX ix_charges_owner_id_month ON charges (owner_id, month);
CREATE INDEX ix_jobs_model_id ON jobs (model_id);
CREATE INDEX ix_jobs_owner_id ON jobs (owner_id);
CREATE INDEX ix_jobs_status ON jobs (status);
CREATE UNIQUE INDEX uq_jobs_active_model_id ON jobs (model_id) WHERE status in ('QUEUED', 'INITIALIZING', 'IN_PROGRESS', 'STOPPING');
CREATE INDEX ix_models_owner_id ON models (owner_id);
CREATE UNIQUE INDEX uq_models_owner_id_name ON models (owner_id, name) WHERE deleted_at_s is null;
CREATE INDEX ix_sessions_expires_at_s ON sessions (expires_at_s);
CREATE INDEX ix_sessions_person_id ON sessions (person_id);
CREATE INDEX ix_sign_in_failures_subject ON sign_in_failures (subject);
CREATE UNIQUE INDEX uq_vehicles_owner_id_name_key ON vehicles (owner_id, name_key);
CREATE INDEX ix_races_owner_id ON races (owner_id);
CREATE INDEX ix_entrants_person_id ON entrants (person_id);
CREATE UNIQUE INDEX uq_entrants_race_id_person_id ON entrants (race_id, person_id);
CREATE INDEX ix_submissions_race_id_person_id ON submissions (race_id, person_id);
CREATE UNIQUE INDEX uq_drafts_owner_id_purpose ON drafts (owner_id, purpose);
CREATE INDEX ix_heats_race_id ON heats (race_id);
CREATE INDEX ix_events_owner_id ON events (owner_id);
CREATE INDEX ix_attendants_person_id ON attendants (person_id);
CREATE UNIQUE INDEX uq_attendants_event_id_person_id ON attendants (event_id, person_id);
CREATE INDEX ix_seasons_owner_id ON seasons (owner_id);
CREATE INDEX ix_log_uploads_owner_id ON log_uploads (owner_id);
COMMIT;

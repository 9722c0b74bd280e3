SELECT pg_catalog.set_config('search_path', '', false);
CREATE TABLE public.alembic_version (
    version_num character varying(32) NOT NULL
);
CREATE TABLE public.answers (
    id character varying(64) NOT NULL,
    version integer NOT NULL,
    created_at_s double precision NOT NULL,
    person_id character varying(64) NOT NULL,
    document json NOT NULL
);
CREATE TABLE public.api_tokens (
    id character varying(64) NOT NULL,
    version integer NOT NULL,
    created_at_s double precision NOT NULL,
    person_id character varying(64) NOT NULL,
    document json NOT NULL
);
CREATE TABLE public.attendants (
    id character varying(64) NOT NULL,
    version integer NOT NULL,
    created_at_s double precision NOT NULL,
    event_id character varying(64) NOT NULL,
    person_id character varying(64) NOT NULL,
    document json NOT NULL
);
CREATE TABLE public.charges (
    id character varying(64) NOT NULL,
    version integer NOT NULL,
    created_at_s double precision NOT NULL,
    owner_id character varying(64) NOT NULL,
    month character varying(7) NOT NULL,
    job_id character varying(64) NOT NULL,
    compute_s double precision NOT NULL,
    document json NOT NULL
);
CREATE TABLE public.credentials (
    id character varying(64) NOT NULL,
    version integer NOT NULL,
    created_at_s double precision NOT NULL,
    document json NOT NULL
);
CREATE TABLE public.drafts (
    id character varying(64) NOT NULL,
    version integer NOT NULL,
    created_at_s double precision NOT NULL,
    owner_id character varying(64) NOT NULL,
    purpose character varying(80) NOT NULL,
    document json NOT NULL
);
CREATE TABLE public.entrants (
    id character varying(64) NOT NULL,
    version integer NOT NULL,
    created_at_s double precision NOT NULL,
    race_id character varying(64) NOT NULL,
    person_id character varying(64) NOT NULL,
    document json NOT NULL
);
CREATE TABLE public.events (
    id character varying(64) NOT NULL,
    version integer NOT NULL,
    created_at_s double precision NOT NULL,
    owner_id character varying(64) NOT NULL,
    link character varying(64) NOT NULL,
    document json NOT NULL
);
CREATE TABLE public.heats (
    id character varying(64) NOT NULL,
    version integer NOT NULL,
    created_at_s double precision NOT NULL,
    race_id character varying(64) NOT NULL,
    status character varying(16) NOT NULL,
    document json NOT NULL
);
CREATE TABLE public.invitations (
    id character varying(64) NOT NULL,
    version integer NOT NULL,
    created_at_s double precision NOT NULL,
    code character varying(64) NOT NULL,
    document json NOT NULL
);
CREATE TABLE public.jobs (
    id character varying(64) NOT NULL,
    version integer NOT NULL,
    created_at_s double precision NOT NULL,
    owner_id character varying(64) NOT NULL,
    model_id character varying(64) NOT NULL,
    kind character varying(16) NOT NULL,
    status character varying(16) NOT NULL,
    lease_until_s double precision,
    document json NOT NULL
);
CREATE TABLE public.learners (
    id character varying(64) NOT NULL,
    version integer NOT NULL,
    created_at_s double precision NOT NULL,
    document json NOT NULL
);
CREATE TABLE public.leases (
    id character varying(64) NOT NULL,
    version integer NOT NULL,
    created_at_s double precision NOT NULL,
    document json NOT NULL
);
CREATE TABLE public.log_uploads (
    id character varying(64) NOT NULL,
    version integer NOT NULL,
    created_at_s double precision NOT NULL,
    owner_id character varying(64) NOT NULL,
    size_bytes bigint NOT NULL,
    document json NOT NULL
);
CREATE TABLE public.models (
    id character varying(64) NOT NULL,
    version integer NOT NULL,
    created_at_s double precision NOT NULL,
    owner_id character varying(64) NOT NULL,
    name character varying(64) NOT NULL,
    state character varying(16) NOT NULL,
    size_bytes bigint NOT NULL,
    deleted_at_s double precision,
    document json NOT NULL
);
CREATE TABLE public.nodes (
    id character varying(64) NOT NULL,
    version integer NOT NULL,
    created_at_s double precision NOT NULL,
    seen_at_s double precision NOT NULL,
    document json NOT NULL
);
CREATE TABLE public.people (
    id character varying(64) NOT NULL,
    version integer NOT NULL,
    created_at_s double precision NOT NULL,
    name_key character varying(64) NOT NULL,
    role character varying(16) NOT NULL,
    is_active boolean NOT NULL,
    document json NOT NULL
);
CREATE TABLE public.races (
    id character varying(64) NOT NULL,
    version integer NOT NULL,
    created_at_s double precision NOT NULL,
    owner_id character varying(64) NOT NULL,
    link character varying(64) NOT NULL,
    document json NOT NULL
);
CREATE TABLE public.screens (
    id character varying(64) NOT NULL,
    version integer NOT NULL,
    created_at_s double precision NOT NULL,
    race_id character varying(64) NOT NULL,
    code character varying(64) NOT NULL,
    document json NOT NULL
);
CREATE TABLE public.seasons (
    id character varying(64) NOT NULL,
    version integer NOT NULL,
    created_at_s double precision NOT NULL,
    owner_id character varying(64) NOT NULL,
    document json NOT NULL
);
CREATE TABLE public.sessions (
    id character varying(64) NOT NULL,
    version integer NOT NULL,
    created_at_s double precision NOT NULL,
    person_id character varying(64) NOT NULL,
    expires_at_s double precision NOT NULL,
    document json NOT NULL
);
CREATE TABLE public.settings (
    id character varying(64) NOT NULL,
    version integer NOT NULL,
    created_at_s double precision NOT NULL,
    document json NOT NULL
);
CREATE TABLE public.shows (
    id character varying(64) NOT NULL,
    version integer NOT NULL,
    created_at_s double precision NOT NULL,
    is_on boolean NOT NULL,
    document json NOT NULL
);
CREATE TABLE public.sign_in_failures (
    id character varying(64) NOT NULL,
    version integer NOT NULL,
    created_at_s double precision NOT NULL,
    subject character varying(200) NOT NULL,
    document json NOT NULL
);
CREATE TABLE public.submissions (
    id character varying(64) NOT NULL,
    version integer NOT NULL,
    created_at_s double precision NOT NULL,
    race_id character varying(64) NOT NULL,
    person_id character varying(64) NOT NULL,
    job_id character varying(64) NOT NULL,
    document json NOT NULL
);
CREATE TABLE public.vehicles (
    id character varying(64) NOT NULL,
    version integer NOT NULL,
    created_at_s double precision NOT NULL,
    owner_id character varying(64) NOT NULL,
    name_key character varying(64) NOT NULL,
    document json NOT NULL
);
CREATE TABLE public.worker_tokens (
    id character varying(64) NOT NULL,
    version integer NOT NULL,
    created_at_s double precision NOT NULL,
    document json NOT NULL
);
INSERT INTO public.alembic_version VALUES ('0008');
INSERT INTO public.api_tokens VALUES ('api_tokens-1', 3, 1750000000, 'p', '{"name": "nb", "scopes": ["read", "write"], "expires_at_s": null}');
INSERT INTO public.attendants VALUES ('attendants-1', 3, 1750000000, 'e', 'p', '{"is_banned": false, "is_new": true}');
INSERT INTO public.charges VALUES ('charges-1', 3, 1750000000, 'p', '2026-11', 'j', 12.5, '{}');
INSERT INTO public.credentials VALUES ('credentials-1', 3, 1750000000, '{"password_hash": "", "recovery_hash": ""}');
INSERT INTO public.drafts VALUES ('drafts-1', 3, 1750000000, 'p', 'create', '{"sheet": {"name": "car"}}');
INSERT INTO public.entrants VALUES ('entrants-1', 3, 1750000000, 'r', 'p', '{"is_shut_out": false}');
INSERT INTO public.events VALUES ('events-1', 3, 1750000000, 'p', 'EVNT', '{"name": "Open day", "description": "", "starts_at_s": 1750000000.0, "ends_at_s": 1760000000.0, "heads": 60, "racer_name_pattern": "", "racer_name_hint": "", "limits": {"minutes_per_month": null, "models": null, "jobs": null, "disk_mb": null}, "timetable": [{"at_s": 1750000000.0, "what": "Start"}], "race_ids": [], "practice_race_id": ""}');
INSERT INTO public.heats VALUES ('heats-1', 3, 1750000000, 'r', 'WAITING', '{"kind": "SOLO", "title": "Final", "contestants": [{"submission_id": "s", "person_id": "p", "name": "Ann", "model_name": "car", "checkpoint": 3, "shell": "classic", "colour": "black", "seed": null}], "place": 0.0, "match": "", "attempt": 0, "job_id": "", "launched_at_s": null, "shown_from_s": null, "shown_s": 0.0, "places": [], "trials": [], "limits": {}, "is_settled": false, "winner": "", "message": ""}');
INSERT INTO public.invitations VALUES ('invitations-1', 3, 1750000000, 'ABC', '{"made_by": "p", "role": "RACER", "heads": 1, "used": 0, "expires_at_s": 2000000000.0, "starts_at_s": 0.0, "note": "", "event_id": "", "racer_name_pattern": "", "racer_name_hint": "", "limits": null}');
INSERT INTO public.jobs VALUES ('jobs-1', 3, 1750000000, 'p', 'm', 'EVALUATION', 'IN_PROGRESS', NULL, '{"model_name": "car", "request": {"trials": 3}, "planned_s": 60.0, "is_resuming": false, "attempts": 0, "worker": "", "node": "", "worker_pid": null, "started_at_s": null, "ended_at_s": null, "compute_s": 0.0, "attempt_s": 0.0, "wish": "", "message": "", "report": {"mean_reward": 1.5, "clean_laps": null}}');
INSERT INTO public.learners VALUES ('learners-1', 3, 1750000000, '{"language": "de", "seen": {"garage.vehicle": 1750000000.0}, "chapters": {"loop": 1750000000.0}, "answers": {"agent": {"first": "track", "newest": "car"}}}');
INSERT INTO public.leases VALUES ('leases-1', 3, 1750000000, '{"token_hash": "00"}');
INSERT INTO public.log_uploads VALUES ('log_uploads-1', 3, 1750000000, 'p', 9, '{"name": "Old", "file": "old.zip", "kind": "", "track": "", "steps": 0, "iterations": [], "evaluations": []}');
INSERT INTO public.models VALUES ('models-1', 3, 1750000000, 'p', 'car', 'CREATED', 0, 1000000000, '{"description": "", "tags": ["a", "quote \"''"], "algorithm": "PPO", "sensors": [], "network": "", "tracks": [], "vehicle_name": "", "shell": "classic", "colour": "black", "parent_id": "", "was_imported": false, "is_sample": false, "problem": ""}');
INSERT INTO public.nodes VALUES ('nodes-1', 3, 1750000000, 1750000000, '{"facts": {"id": "nodes-1", "slots": 2, "racecraft": "0", "cores": 4, "memory_mb": null, "memory_free_mb": null, "disk_free_mb": null, "load": 0.5, "home": ""}, "token_name": "lab"}');
INSERT INTO public.people VALUES ('people-1', 3, 1750000000, 'ann', 'ORGANISER', true, '{"name": "Ann-\u00dcn\u00efcode", "has_chosen_name": true, "has_samples": false, "country": "", "email": "", "avatar": {"skin_tone": "medium", "head": "helmet", "eyes": "open", "eyebrows": "straight", "mouth": "smile", "clothing": "overall"}, "limits": {"minutes_per_month": null, "models": null, "jobs": null, "disk_mb": null}}');
INSERT INTO public.races VALUES ('races-1', 3, 1750000000, 'p', 'LINK', '{"track_sha256": "", "name": "Cup", "description": "", "picture": 0, "visibility": "SECRET", "hosting": "CLASSIC", "starts_at_s": 1750000000.0, "ends_at_s": 1760000000.0, "max_submissions": 0, "rules": {"track": {"name": "pebble-oval", "is_reversed": false}, "race": {"type": "TIME_TRIAL", "obstacles": null, "bots": null}, "ranking": "BEST_LAP_TIME", "laps": 5, "min_laps": 1, "is_continuous": false, "max_resets": 10000, "off_track_penalty_s": 3.0, "collision_penalty_s": 5.0, "interval_jitter": 0.05, "grip_jitter": 0.02, "seed": 0}}');
INSERT INTO public.screens VALUES ('screens-1', 3, 1750000000, 'r', 'CODE', '{"accent": "#c25200", "background": "", "headline": "", "invites": true, "address": "", "logo": "00"}');
INSERT INTO public.seasons VALUES ('seasons-1', 3, 1750000000, 'p', '{"name": "Winter", "description": "", "race_ids": [], "points": [3, 2, 1], "counted": 0, "divisions": [], "corrections": []}');
INSERT INTO public.sessions VALUES ('sessions-1', 3, 1750000000, 'p', 2000000000, '{"browser": ""}');
INSERT INTO public.settings VALUES ('settings-1', 3, 1750000000, '{"name": "racecraft", "registration": "INVITATION", "racer_name_pattern": "", "racer_name_hint": "", "session_days": 30, "new_person": {"minutes_per_month": null, "models": null, "jobs": null, "disk_mb": null}, "whole": {"minutes_per_month": null, "models": null, "jobs": null, "disk_mb": null}}');
INSERT INTO public.shows VALUES ('shows-1', 3, 1750000000, true, '{"begun_at_s": null, "starts_at_s": 1750000000.0, "is_paused": false, "autolaunch": true, "gap_s": 20.0, "lights_s": 5.0, "max_retries": 3, "bracket": null, "winner": null, "podium": [], "is_over": false}');
INSERT INTO public.sign_in_failures VALUES ('sign_in_failures-1', 3, 1750000000, 'name ann', '{}');
INSERT INTO public.submissions VALUES ('submissions-1', 3, 1750000000, 'r', 'p', 'j', '{"model_id": "m", "model_name": "car", "checkpoint": 3, "weights_sha256": "00", "shell": "classic", "colour": "black", "status": "QUEUED", "message": "", "limit": null, "result": {"time_ms": null, "best_lap_ms": null, "average_lap_ms": null, "total_ms": null, "laps_completed": 0, "laps_in_a_row": 0, "off_tracks": 0, "crashes": 0, "resets": 0, "impossible_laps": 0}, "laps": [], "ended_at_s": null, "struck": "", "reruns": []}');
INSERT INTO public.vehicles VALUES ('vehicles-1', 3, 1750000000, 'p', 'mine', '{"name": "Mine", "sensors": ["FRONT_FACING_CAMERA"], "network": "DEEP_CONVOLUTIONAL_NETWORK_SHALLOW", "shell": "classic", "colour": "black"}');
INSERT INTO public.worker_tokens VALUES ('worker_tokens-1', 3, 1750000000, '{"name": "lab", "made_by": "p"}');
ALTER TABLE ONLY public.alembic_version
    ADD CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num);
ALTER TABLE ONLY public.answers
    ADD CONSTRAINT pk_answers PRIMARY KEY (id);
ALTER TABLE ONLY public.api_tokens
    ADD CONSTRAINT pk_api_tokens PRIMARY KEY (id);
ALTER TABLE ONLY public.attendants
    ADD CONSTRAINT pk_attendants PRIMARY KEY (id);
ALTER TABLE ONLY public.charges
    ADD CONSTRAINT pk_charges PRIMARY KEY (id);
ALTER TABLE ONLY public.credentials
    ADD CONSTRAINT pk_credentials PRIMARY KEY (id);
ALTER TABLE ONLY public.drafts
    ADD CONSTRAINT pk_drafts PRIMARY KEY (id);
ALTER TABLE ONLY public.entrants
    ADD CONSTRAINT pk_entrants PRIMARY KEY (id);
ALTER TABLE ONLY public.events
    ADD CONSTRAINT pk_events PRIMARY KEY (id);
ALTER TABLE ONLY public.heats
    ADD CONSTRAINT pk_heats PRIMARY KEY (id);
ALTER TABLE ONLY public.invitations
    ADD CONSTRAINT pk_invitations PRIMARY KEY (id);
ALTER TABLE ONLY public.jobs
    ADD CONSTRAINT pk_jobs PRIMARY KEY (id);
ALTER TABLE ONLY public.learners
    ADD CONSTRAINT pk_learners PRIMARY KEY (id);
ALTER TABLE ONLY public.leases
    ADD CONSTRAINT pk_leases PRIMARY KEY (id);
ALTER TABLE ONLY public.log_uploads
    ADD CONSTRAINT pk_log_uploads PRIMARY KEY (id);
ALTER TABLE ONLY public.models
    ADD CONSTRAINT pk_models PRIMARY KEY (id);
ALTER TABLE ONLY public.nodes
    ADD CONSTRAINT pk_nodes PRIMARY KEY (id);
ALTER TABLE ONLY public.people
    ADD CONSTRAINT pk_people PRIMARY KEY (id);
ALTER TABLE ONLY public.races
    ADD CONSTRAINT pk_races PRIMARY KEY (id);
ALTER TABLE ONLY public.screens
    ADD CONSTRAINT pk_screens PRIMARY KEY (id);
ALTER TABLE ONLY public.seasons
    ADD CONSTRAINT pk_seasons PRIMARY KEY (id);
ALTER TABLE ONLY public.sessions
    ADD CONSTRAINT pk_sessions PRIMARY KEY (id);
ALTER TABLE ONLY public.settings
    ADD CONSTRAINT pk_settings PRIMARY KEY (id);
ALTER TABLE ONLY public.shows
    ADD CONSTRAINT pk_shows PRIMARY KEY (id);
ALTER TABLE ONLY public.sign_in_failures
    ADD CONSTRAINT pk_sign_in_failures PRIMARY KEY (id);
ALTER TABLE ONLY public.submissions
    ADD CONSTRAINT pk_submissions PRIMARY KEY (id);
ALTER TABLE ONLY public.vehicles
    ADD CONSTRAINT pk_vehicles PRIMARY KEY (id);
ALTER TABLE ONLY public.worker_tokens
    ADD CONSTRAINT pk_worker_tokens PRIMARY KEY (id);
ALTER TABLE ONLY public.charges
    ADD CONSTRAINT uq_charges_job_id UNIQUE (job_id);
ALTER TABLE ONLY public.events
    ADD CONSTRAINT uq_events_link UNIQUE (link);
ALTER TABLE ONLY public.invitations
    ADD CONSTRAINT uq_invitations_code UNIQUE (code);
ALTER TABLE ONLY public.people
    ADD CONSTRAINT uq_people_name_key UNIQUE (name_key);
ALTER TABLE ONLY public.races
    ADD CONSTRAINT uq_races_link UNIQUE (link);
ALTER TABLE ONLY public.screens
    ADD CONSTRAINT uq_screens_code UNIQUE (code);
ALTER TABLE ONLY public.screens
    ADD CONSTRAINT uq_screens_race_id UNIQUE (race_id);
ALTER TABLE ONLY public.submissions
    ADD CONSTRAINT uq_submissions_job_id UNIQUE (job_id);
CREATE INDEX ix_api_tokens_person_id ON public.api_tokens USING btree (person_id);
CREATE INDEX ix_attendants_person_id ON public.attendants USING btree (person_id);
CREATE INDEX ix_charges_owner_id_month ON public.charges USING btree (owner_id, month);
CREATE INDEX ix_entrants_person_id ON public.entrants USING btree (person_id);
CREATE INDEX ix_events_owner_id ON public.events USING btree (owner_id);
CREATE INDEX ix_heats_race_id ON public.heats USING btree (race_id);
CREATE INDEX ix_jobs_model_id ON public.jobs USING btree (model_id);
CREATE INDEX ix_jobs_owner_id ON public.jobs USING btree (owner_id);
CREATE INDEX ix_jobs_status ON public.jobs USING btree (status);
CREATE INDEX ix_log_uploads_owner_id ON public.log_uploads USING btree (owner_id);
CREATE INDEX ix_models_owner_id ON public.models USING btree (owner_id);
CREATE INDEX ix_races_owner_id ON public.races USING btree (owner_id);
CREATE INDEX ix_seasons_owner_id ON public.seasons USING btree (owner_id);
CREATE INDEX ix_sessions_expires_at_s ON public.sessions USING btree (expires_at_s);
CREATE INDEX ix_sessions_person_id ON public.sessions USING btree (person_id);
CREATE INDEX ix_sign_in_failures_subject ON public.sign_in_failures USING btree (subject);
CREATE INDEX ix_submissions_race_id_person_id ON public.submissions USING btree (race_id, person_id);
CREATE UNIQUE INDEX uq_attendants_event_id_person_id ON public.attendants USING btree (event_id, person_id);
CREATE UNIQUE INDEX uq_drafts_owner_id_purpose ON public.drafts USING btree (owner_id, purpose);
CREATE UNIQUE INDEX uq_entrants_race_id_person_id ON public.entrants USING btree (race_id, person_id);
CREATE UNIQUE INDEX uq_jobs_active_model_id ON public.jobs USING btree (model_id) WHERE ((status)::text = ANY ((ARRAY['QUEUED'::character varying, 'INITIALIZING'::character varying, 'IN_PROGRESS'::character varying, 'STOPPING'::character varying])::text[]));
CREATE UNIQUE INDEX uq_models_owner_id_name ON public.models USING btree (owner_id, name) WHERE (deleted_at_s IS NULL);
CREATE UNIQUE INDEX uq_vehicles_owner_id_name_key ON public.vehicles USING btree (owner_id, name_key);

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
CREATE TABLE public.leases (
    id character varying(64) NOT NULL,
    version integer NOT NULL,
    created_at_s double precision NOT NULL,
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
CREATE TABLE public.people (
    id character varying(64) NOT NULL,
    version integer NOT NULL,
    created_at_s double precision NOT NULL,
    name_key character varying(64) NOT NULL,
    role character varying(16) NOT NULL,
    is_active boolean NOT NULL,
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
CREATE TABLE public.sign_in_failures (
    id character varying(64) NOT NULL,
    version integer NOT NULL,
    created_at_s double precision NOT NULL,
    subject character varying(200) NOT NULL,
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
INSERT INTO public.alembic_version VALUES ('0001');
INSERT INTO public.api_tokens VALUES ('api_tokens-1', 3, 1750000000, 'p', '{"name": "nb", "scopes": ["read", "write"], "expires_at_s": null}');
INSERT INTO public.charges VALUES ('charges-1', 3, 1750000000, 'p', '2026-11', 'j', 12.5, '{}');
INSERT INTO public.credentials VALUES ('credentials-1', 3, 1750000000, '{"password_hash": "", "recovery_hash": ""}');
INSERT INTO public.invitations VALUES ('invitations-1', 3, 1750000000, 'ABC', '{"made_by": "p", "role": "RACER", "heads": 1, "used": 0, "expires_at_s": 2000000000.0, "note": ""}');
INSERT INTO public.jobs VALUES ('jobs-1', 3, 1750000000, 'p', 'm', 'EVALUATION', 'IN_PROGRESS', NULL, '{"model_name": "car", "request": {"trials": 3}, "planned_s": 60.0, "is_resuming": false, "attempts": 0, "worker": "", "worker_pid": null, "started_at_s": null, "ended_at_s": null, "compute_s": 0.0, "attempt_s": 0.0, "wish": "", "message": "", "report": {"mean_reward": 1.5, "clean_laps": null}}');
INSERT INTO public.leases VALUES ('leases-1', 3, 1750000000, '{"token_hash": "00"}');
INSERT INTO public.models VALUES ('models-1', 3, 1750000000, 'p', 'car', 'CREATED', 0, 1000000000, '{"description": "", "tags": ["a", "quote \"''"], "algorithm": "PPO", "sensors": [], "network": "", "tracks": [], "vehicle_name": "", "shell": "classic", "colour": "black", "parent_id": "", "was_imported": false, "problem": ""}');
INSERT INTO public.people VALUES ('people-1', 3, 1750000000, 'ann', 'ORGANISER', true, '{"name": "Ann-\u00dcn\u00efcode", "has_chosen_name": true, "country": "", "email": "", "avatar": {"skin_tone": "medium", "head": "helmet", "eyes": "open", "eyebrows": "straight", "mouth": "smile", "clothing": "overall"}, "limits": {"minutes_per_month": null, "models": null, "jobs": null, "disk_mb": null}}');
INSERT INTO public.sessions VALUES ('sessions-1', 3, 1750000000, 'p', 2000000000, '{"browser": ""}');
INSERT INTO public.settings VALUES ('settings-1', 3, 1750000000, '{"name": "racecraft", "registration": "INVITATION", "racer_name_pattern": "", "racer_name_hint": "", "session_days": 30, "new_person": {"minutes_per_month": null, "models": null, "jobs": null, "disk_mb": null}, "whole": {"minutes_per_month": null, "models": null, "jobs": null, "disk_mb": null}}');
INSERT INTO public.sign_in_failures VALUES ('sign_in_failures-1', 3, 1750000000, 'name ann', '{}');
INSERT INTO public.vehicles VALUES ('vehicles-1', 3, 1750000000, 'p', 'mine', '{"name": "Mine", "sensors": ["FRONT_FACING_CAMERA"], "network": "DEEP_CONVOLUTIONAL_NETWORK_SHALLOW", "shell": "classic", "colour": "black"}');
ALTER TABLE ONLY public.alembic_version
    ADD CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num);
ALTER TABLE ONLY public.answers
    ADD CONSTRAINT pk_answers PRIMARY KEY (id);
ALTER TABLE ONLY public.api_tokens
    ADD CONSTRAINT pk_api_tokens PRIMARY KEY (id);
ALTER TABLE ONLY public.charges
    ADD CONSTRAINT pk_charges PRIMARY KEY (id);
ALTER TABLE ONLY public.credentials
    ADD CONSTRAINT pk_credentials PRIMARY KEY (id);
ALTER TABLE ONLY public.invitations
    ADD CONSTRAINT pk_invitations PRIMARY KEY (id);
ALTER TABLE ONLY public.jobs
    ADD CONSTRAINT pk_jobs PRIMARY KEY (id);
ALTER TABLE ONLY public.leases
    ADD CONSTRAINT pk_leases PRIMARY KEY (id);
ALTER TABLE ONLY public.models
    ADD CONSTRAINT pk_models PRIMARY KEY (id);
ALTER TABLE ONLY public.people
    ADD CONSTRAINT pk_people PRIMARY KEY (id);
ALTER TABLE ONLY public.sessions
    ADD CONSTRAINT pk_sessions PRIMARY KEY (id);
ALTER TABLE ONLY public.settings
    ADD CONSTRAINT pk_settings PRIMARY KEY (id);
ALTER TABLE ONLY public.sign_in_failures
    ADD CONSTRAINT pk_sign_in_failures PRIMARY KEY (id);
ALTER TABLE ONLY public.vehicles
    ADD CONSTRAINT pk_vehicles PRIMARY KEY (id);
ALTER TABLE ONLY public.charges
    ADD CONSTRAINT uq_charges_job_id UNIQUE (job_id);
ALTER TABLE ONLY public.invitations
    ADD CONSTRAINT uq_invitations_code UNIQUE (code);
ALTER TABLE ONLY public.people
    ADD CONSTRAINT uq_people_name_key UNIQUE (name_key);
CREATE INDEX ix_api_tokens_person_id ON public.api_tokens USING btree (person_id);
CREATE INDEX ix_charges_owner_id_month ON public.charges USING btree (owner_id, month);
CREATE INDEX ix_jobs_model_id ON public.jobs USING btree (model_id);
CREATE INDEX ix_jobs_owner_id ON public.jobs USING btree (owner_id);
CREATE INDEX ix_jobs_status ON public.jobs USING btree (status);
CREATE INDEX ix_models_owner_id ON public.models USING btree (owner_id);
CREATE INDEX ix_sessions_expires_at_s ON public.sessions USING btree (expires_at_s);
CREATE INDEX ix_sessions_person_id ON public.sessions USING btree (person_id);
CREATE INDEX ix_sign_in_failures_subject ON public.sign_in_failures USING btree (subject);
CREATE UNIQUE INDEX uq_jobs_active_model_id ON public.jobs USING btree (model_id) WHERE ((status)::text = ANY ((ARRAY['QUEUED'::character varying, 'INITIALIZING'::character varying, 'IN_PROGRESS'::character varying, 'STOPPING'::character varying])::text[]));
CREATE UNIQUE INDEX uq_models_owner_id_name ON public.models USING btree (owner_id, name) WHERE (deleted_at_s IS NULL);
CREATE UNIQUE INDEX uq_vehicles_owner_id_name_key ON public.vehicles USING btree (owner_id, name_key);

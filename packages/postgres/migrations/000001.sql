-- The tables of the first specification, each under its project: project_id is first in every key, so that no id of
-- another project can be guessed by a collision. Row-level security is forced on every table; see act.project().

create function act.project() returns uuid
  language sql stable
  as $$ select nullif(current_setting('act.project_id', true), '')::uuid $$;

create function act.is_hub() returns boolean
  language sql stable
  as $$ select coalesce(current_setting('act.scope', true), '') = 'hub' $$;

create table act.projects (
  id uuid primary key,
  name varchar(255) not null,
  description text,
  status varchar(50) not null check (status in ('active', 'archived')),
  settings jsonb not null,
  last_seq bigint not null,
  last_hash varchar(64) not null,
  -- Rows of tasks are as they were at this point of the log; what came after is plain steps of tasks.
  written_seq bigint not null,
  -- The latest time inside any command id so far, epoch milliseconds.
  id_high bigint not null,
  -- The first sequence number the log still keeps.
  start_seq bigint not null default 1,
  created_at timestamptz not null,
  updated_at timestamptz not null
) with (fillfactor = 50);

-- One row is one commit: what subscribers get, byte for byte, and a link of the project's hash chain.
create table act.log (
  project_id uuid not null references act.projects (id) on delete cascade,
  first_seq bigint not null,
  last_seq bigint not null,
  at timestamptz not null,
  command_ids uuid[] not null,
  event_counts integer[] not null,
  fingerprints bigint[] not null,
  id_high bigint not null,
  events text not null,
  previous_hash varchar(64) not null,
  hash varchar(64) not null,
  primary key (project_id, last_seq),
  check (first_seq <= last_seq)
);
-- Compression would cost more CPU than it saves disk, and the bytes are sent as they are.
alter table act.log alter column events set storage external;
create index log_at on act.log (at, project_id);

-- The agent's project is its key: the first specification's current_project_id.
create table act.agents (
  project_id uuid not null references act.projects (id) on delete cascade,
  id varchar(100) not null,
  name varchar(255) not null,
  kind varchar(100),
  capabilities jsonb not null,
  status varchar(50) not null check (status in ('online', 'offline')),
  session_id uuid,
  performance_metrics jsonb not null,
  registered_at timestamptz not null,
  primary key (project_id, id)
);

create table act.sessions (
  project_id uuid not null references act.projects (id) on delete cascade,
  id uuid not null,
  agent_id varchar(100) not null,
  lease_ms integer not null,
  lease_until timestamptz not null,
  patterns text[] not null,
  started_at timestamptz not null,
  ended_at timestamptz,
  primary key (project_id, id)
) with (fillfactor = 50);
-- Not on lease_until: renewals would then write the index each time.
create index sessions_live on act.sessions (id, project_id) where ended_at is null;

create table act.phases (
  project_id uuid not null references act.projects (id) on delete cascade,
  id uuid not null,
  key varchar(255),
  name varchar(255) not null,
  description text,
  status varchar(50) not null check (status in ('active', 'completed')),
  owner_agent_id varchar(100),
  dependencies uuid[] not null,
  estimated_effort integer,
  actual_effort integer,
  created_seq bigint not null,
  created_at timestamptz not null,
  started_at timestamptz,
  completed_at timestamptz,
  primary key (project_id, id),
  -- The key first: beside a second index that begins with project_id the planner, before the first analyze, would
  -- look a task up by reading its whole project.
  unique (key, project_id)
);

create table act.tasks (
  project_id uuid not null references act.projects (id) on delete cascade,
  id uuid not null,
  phase_id uuid,
  key varchar(255),
  title varchar(255) not null,
  description text,
  description_hash bigint not null,
  type varchar(100) not null,
  assigned_agent_id varchar(100),
  session_id uuid,
  status varchar(50) not null
    check (status in ('pending', 'ready', 'claimed', 'blocked', 'completed', 'failed', 'cancelled')),
  priority integer not null check (priority between 0 and 4),
  complexity_score integer,
  requires jsonb not null,
  file_paths text[] not null,
  dependencies uuid[] not null,
  estimated_time integer,
  actual_time integer,
  epoch integer not null check (epoch >= 0),
  attempts integer not null check (attempts >= 0),
  percent integer,
  note text,
  checkpoint jsonb,
  blocked_reason text,
  result jsonb,
  created_seq bigint not null,
  created_at timestamptz not null,
  started_at timestamptz,
  claimed_at timestamptz,
  progressed_at timestamptz,
  asked_at timestamptz,
  completed_at timestamptz,
  primary key (project_id, id),
  unique (key, project_id),
  foreign key (project_id, phase_id) references act.phases (project_id, id),
  check ((status = 'claimed') = (session_id is not null))
  -- No index on a column that claims change: their updates then stay within the page (HOT).
) with (fillfactor = 60);

create table act.agent_communications (
  project_id uuid not null references act.projects (id) on delete cascade,
  id uuid not null,
  sender_agent_id varchar(100) not null,
  recipient_agent_id varchar(100),
  message_type varchar(50) not null,
  urgency varchar(50) not null,
  thread_id uuid,
  task_id uuid,
  content jsonb not null,
  timestamp timestamptz not null,
  read_at timestamptz,
  primary key (project_id, id)
);
create index agent_communications_inbox on act.agent_communications (project_id, recipient_agent_id, id);

create table act.assistance_requests (
  project_id uuid not null references act.projects (id) on delete cascade,
  id uuid not null,
  agent_id varchar(100) not null,
  task_id uuid,
  question text not null,
  requires jsonb not null,
  offered_to varchar(100)[] not null,
  status varchar(50) not null check (status in ('open', 'accepted', 'closed')),
  accepted_by varchar(100),
  created_at timestamptz not null,
  primary key (project_id, id)
);

create table act.live_state (
  project_id uuid not null references act.projects (id) on delete cascade,
  key varchar(255) not null,
  value jsonb not null,
  version bigint not null,
  agent_id varchar(100),
  updated_at timestamptz not null,
  primary key (project_id, key)
);

create table act.file_watches (
  project_id uuid not null references act.projects (id) on delete cascade,
  file_path varchar(500) not null,
  last_change varchar(50) not null check (last_change in ('created', 'modified', 'deleted')),
  agent_id varchar(100),
  related_task_ids uuid[] not null,
  last_modified timestamptz not null,
  checksum varchar(64),
  primary key (project_id, file_path)
);

create table act.conflicts (
  project_id uuid not null references act.projects (id) on delete cascade,
  id uuid not null,
  conflict_type varchar(50) not null
    check (conflict_type in ('resource_contention', 'dependency_deadlock', 'capability_overlap', 'priority_mismatch')),
  involved_agents varchar(100)[] not null,
  task_ids uuid[] not null,
  description text not null,
  status varchar(50) not null check (status in ('open', 'resolved')),
  resolution jsonb,
  created_at timestamptz not null,
  resolved_at timestamptz,
  primary key (project_id, id)
);

-- A row per event for history queries, filled behind from the log; streams read the log itself.
create table act.events (
  project_id uuid not null references act.projects (id) on delete cascade,
  seq bigint not null,
  type varchar(50) not null,
  agent_id varchar(100),
  task_id uuid,
  timestamp timestamptz not null,
  priority varchar(20) not null,
  data jsonb not null,
  primary key (project_id, seq)
);
create index events_by_task on act.events (project_id, task_id, seq) where task_id is not null;
create index events_by_agent on act.events (project_id, agent_id, seq) where agent_id is not null;
create index events_by_type on act.events (project_id, type, seq);

-- How far act.events has been filled. Not a column of projects: filling takes long, and commits wait for that row.
create table act.history (
  project_id uuid primary key references act.projects (id) on delete cascade,
  seq bigint not null
);

-- When a hub last served: leases do not run while none does.
create table act.hub_beat (
  id integer primary key check (id = 1),
  at timestamptz not null
);
insert into act.hub_beat values (1, clock_timestamp());

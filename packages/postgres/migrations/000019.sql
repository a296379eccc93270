-- expand
-- Beside which migrations hubs of an older release go on (docs/replicas.md): those that begin with the word above.

alter table act.migrations add column is_expand boolean not null default false;

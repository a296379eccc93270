-- Projects made before have the settings that came later at their defaults.
alter table act.projects no force row level security;
update act.projects set settings = '{"hopsMax": 16, "messagesPerMinute": 120}' || settings;
alter table act.projects force row level security;

-- Runs once, when the database is made: the user as whom the hub works, who owns nothing and sees one project at a time.
\set password `cat /run/secrets/act-app-password`
create role act_app login password :'password';

create table people (
    id integer primary key,
    name text not null unique,
    password text not null,
    role text not null check (role in ('reader', 'member', 'admin'))
) strict;

create table sessions (
    id text primary key,
    person integer references people (id),
    record text not null,
    expires_at integer not null
) strict;

create index sessions_of_a_person on sessions (person);

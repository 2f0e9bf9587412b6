create table notes (
    id integer primary key,
    author integer not null references people (id),
    text text not null
) strict;

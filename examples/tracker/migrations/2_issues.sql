create table labels (
    id integer primary key,
    name text not null unique
) strict;

create table issues (
    id integer primary key autoincrement,
    title text not null,
    text text not null,
    status text not null default 'open' check (status in ('open', 'doing', 'done')),
    author integer not null references people (id),
    assignee integer references people (id),
    created_at integer not null default (unixepoch()),
    -- Counts the edits, so that nobody overwrites what somebody else has saved meanwhile.
    version integer not null default 1,
    -- A deleted issue can be restored for a few seconds. Then it is gone.
    deleted_at real,
    deleted_by integer references people (id)
) strict;

create table issue_labels (
    issue integer not null references issues (id) on delete cascade,
    label integer not null references labels (id),
    primary key (issue, label)
) strict;

-- What people did to an issue, in order: comments, and changes.
create table events (
    id integer primary key,
    issue integer not null references issues (id) on delete cascade,
    actor integer not null references people (id),
    kind text not null check (kind in ('comment', 'change')),
    text text not null,
    created_at integer not null default (unixepoch())
) strict;

create index events_of_an_issue on events (issue);

-- Who wants to hear of an issue, and the last event that they have seen.
create table follows (
    person integer not null references people (id),
    issue integer not null references issues (id) on delete cascade,
    seen integer not null default 0,
    primary key (person, issue)
) strict;

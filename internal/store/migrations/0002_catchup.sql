-- How far the carrier's logs of each line have been read for calls and texts that nobody told of. A lane
-- like the others: its rows are lines.
create table looks (
  business   text not null,
  id         text not null, -- of the line
  connection text not null,
  number     text not null,
  since      bigint not null, -- the line has the number since then: nothing from before is looked at
  seen_until bigint not null,
  fails      bigint not null, -- looks that failed, in a row
  due_at     bigint,
  lease_by   text,
  claims     bigint not null default 0,
  primary key (business, id),
  foreign key (business, id) references lines (business, id)
) /* strict */;
create index looks_due on looks (due_at) where due_at is not null;
create index looks_leased on looks (lease_by) where lease_by is not null;

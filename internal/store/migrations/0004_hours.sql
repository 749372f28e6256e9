-- When businesses and lines are open, who of a team is on duty, and what people set by one tap.

alter table businesses add column schedule text not null default '{}'; -- rebound.Schedule

-- A line's week becomes the week of its schedule.
alter table lines rename column hours to schedule; -- rebound.Schedule
update lines set schedule = '{"weekly":' || schedule || '}';

alter table teams add column rota text not null default '{}'; -- rebound.Rota

-- "Closed until …", "busy until …": one for each thing that it is about. No row is deleted when it has
-- run out: the next tap replaces it. Setting one counts as declaring (businesses.revision), so that nodes
-- which remember the declaration read it anew.
create table overrides (
  business text not null references businesses (id),
  kind     text not null check (kind in ('business', 'line', 'member')),
  id       text not null, -- of the line or member; '' for the business
  says     text not null check (says in ('open', 'closed', 'busy', 'off')),
  until    bigint not null,
  note     text not null,
  set_by   text not null, -- a member, or '' where nobody is named
  set_at   bigint not null,
  primary key (business, kind, id)
) /* strict */;

-- Who talks: a member in a call is not rung by another.
create index calls_talking on calls (business) where state = 'answered' and ended_at is null;

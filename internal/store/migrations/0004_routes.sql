-- Who rings in which order, as the business declares it.
create table routes (
  business   text not null references businesses (id),
  id         text not null,
  name       text not null,
  rules      text not null, -- rebound.Route
  retired_at bigint,
  primary key (business, id)
) /* strict */;
alter table lines add column route text not null default ''; -- empty: team, strategy and ring_for say all

-- Callers whom a route may treat better than others.
create table vip_numbers (
  business text not null references businesses (id),
  number   text not null,
  note     text not null,
  primary key (business, number)
) /* strict */;

-- How many turns a team's round robin has given, so that it goes on where it was after a restart.
create table turns (
  business text not null references businesses (id),
  team     text not null,
  given    bigint not null,
  primary key (business, team)
) /* strict */;

-- Who is on a call now, and when each member's last one was over.
create index calls_talking on calls (business) where state = 'answered' and ended_at is null;
create index calls_by_member on calls (business, accepted_by, ended_at) where accepted_by is not null;

-- The whole way of a missed call. Instants are microseconds since 1970 UTC, ids are made by the
-- program, booleans are 0 or 1, amounts are whole cents unless a column says otherwise.
-- Every tenant row carries its business in its key; where rows come in by time, the id comes first, so that new
-- rows lie together.

create table secrets (
  name  text primary key,
  value bytea not null
) /* strict */;

create table businesses (
  id         text primary key,
  name       text not null,
  zone       text not null,
  country    text not null,
  contact    text not null,
  job_value  bigint not null,
  schedule   text not null, -- rebound.Schedule
  text_back  text not null, -- rebound.TextBackPolicy
  policy     text not null, -- rebound.EscalationPolicy
  created_at bigint not null,
  revision   bigint not null default 0 -- counts its declarations: what a node remembers of them holds while this stands
) /* strict */;

create table connections (
  business     text not null references businesses (id),
  id           text not null unique, -- stands alone in the addresses that carriers call
  name         text not null,
  carrier      text not null,
  account      text not null,
  key_id       text not null,
  auth_token   text not null, -- a reference: env:NAME or file:/path
  key_secret   text not null, -- likewise
  base_url     text not null,
  fallback_url text not null,
  retired_at   bigint,
  primary key (business, id)
) /* strict */;

create table members (
  business   text not null references businesses (id),
  id         text not null,
  name       text not null,
  email      text not null,
  rings      text not null, -- []rebound.Destination
  off_duty   bigint not null check (off_duty in (0, 1)),
  role       text not null check (role in ('', 'supervisor', 'owner')),
  alerts     text not null, -- rebound.Alerts
  retired_at bigint,
  primary key (business, id)
) /* strict */;

create table teams (
  business   text not null references businesses (id),
  id         text not null,
  name       text not null,
  members    text not null, -- []rebound.MemberID in ringing order
  rota       text not null, -- rebound.Rota
  policy     text not null, -- rebound.EscalationPolicy
  retired_at bigint,
  primary key (business, id)
) /* strict */;

create table lines (
  business   text not null references businesses (id),
  id         text not null,
  connection text not null,
  name       text not null,
  number     text not null,
  team       text not null,
  strategy   text not null,
  ring_for   bigint not null, -- nanoseconds, as every duration
  schedule   text not null, -- rebound.Schedule
  greeting   text not null, -- rebound.Greeting
  voicemail  text not null, -- rebound.VoicemailRules
  route      text not null, -- empty: team, strategy and ring_for say all
  retired_at bigint,
  primary key (business, id)
) /* strict */;
create unique index lines_by_number on lines (connection, number) where retired_at is null;

-- Who rings in which order, as the business declares it.
create table routes (
  business   text not null references businesses (id),
  id         text not null,
  name       text not null,
  rules      text not null, -- rebound.Route
  retired_at bigint,
  primary key (business, id)
) /* strict */;

-- Callers whom a route may treat better than others.
create table vip_numbers (
  business text not null references businesses (id),
  number   text not null,
  note     text not null,
  primary key (business, number)
) /* strict */;

-- Texts that members need again and again.
create table canned_replies (
  business text not null references businesses (id),
  id       text not null,
  name     text not null,
  body     text not null,
  place    bigint not null,
  primary key (business, id)
) /* strict */;

-- How many turns a team's round robin has given, so that it goes on where it was after a restart.
create table turns (
  business text not null references businesses (id),
  team     text not null,
  given    bigint not null,
  primary key (business, team)
) /* strict */;

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

-- Numbers with a meaning for the text-back decision: staff, own lines, blocked. Derived from
-- members, lines and the declaration whenever one of them is saved, so that the decision asks once.
create table known_numbers (
  business text not null references businesses (id),
  number   text not null,
  kind     text not null check (kind in ('staff', 'own_line', 'blocked')),
  note     text not null,
  primary key (business, number, kind)
) /* strict */;

create table contacts (
  business    text not null references businesses (id),
  id          text not null,
  number      text, -- E.164; null where the caller withheld it
  raw         text not null,
  name        text not null,
  consent     text not null,
  consent_at  bigint,
  consent_how text not null,
  human_at    bigint,
  owner       text,
  last        text not null,
  last_at     bigint not null,
  last_kind   text not null,
  unread      bigint not null check (unread in (0, 1)),
  line_type   text not null, -- phone.LineType as looked up or learned; '' is not known
  settle_at   bigint, -- a likely opt-out that nobody settled counts as one
  shelf       text not null check (shelf in ('', 'snoozed', 'done')),
  shelf_until bigint, -- a snooze ends
  due_at      bigint, -- the first of the two
  lease_by    text,
  claims      bigint not null default 0,
  primary key (id, business)
) /* strict */;
create unique index contacts_by_number on contacts (business, number) where number is not null;
create index contacts_by_last on contacts (business, last_at desc, id);
create index contacts_due on contacts (due_at) where due_at is not null;

-- The rows of calls, recoveries and texts name their contact without a foreign key: the check of three for each call
-- took PostgreSQL a tenth of the work, and locks the contact once more each time.
create table recoveries (
  business    text not null,
  id          text not null,
  contact     text not null,
  line        text not null,
  state       text not null check (state in ('open', 'waiting', 'contacted', 'closed')),
  why         text not null,
  urgent      bigint not null check (urgent in (0, 1)),
  misses      bigint not null,
  texts       bigint not null,
  opened_at   bigint not null,
  texted_at   bigint,
  wait_since  bigint,
  policy_step bigint not null,
  step_at     bigint, -- when the policy's step is planned; due_at moves with leases
  alarm       text not null check (alarm in ('', 'due', 'given')), -- everyone on duty is told at once
  assignee    text,
  claimed_at  bigint,
  held_by     text, -- []rebound.MemberID
  held_until  bigint,
  contact_at  bigint,
  proven      bigint not null check (proven in (0, 1)),
  outcome     text not null,
  amount      bigint not null,
  closed_at   bigint,
  live        bigint not null check (live in (0, 1)), -- takes the caller's next miss in
  moved_at    bigint not null,
  seq         bigint not null,
  due_at      bigint,
  lease_by    text,
  claims      bigint not null default 0,
  primary key (id, business),
  -- Each waiting recovery has exactly one live timer.
  check (state <> 'waiting' or due_at is not null)
) /* strict */;
create unique index recoveries_live on recoveries (contact, business) where live = 1;
create index recoveries_by_contact on recoveries (contact, business, opened_at);
create index recoveries_due on recoveries (due_at) where due_at is not null;
-- Empty, and so free: what the auditor looks for, in case the CHECK was ever circumvented.
create index recoveries_timeless on recoveries (id) where state = 'waiting' and due_at is null;

-- One attempt to tell one member about one recovery, through their channels in turn.
create table alerts (
  business   text not null,
  id         text not null,
  recovery   text not null,
  contact    text not null,
  member     text not null,
  line       text not null,
  reason     text not null check (reason in ('step', 'urgent', 'assigned', 'answer', 'connect', 'mention')),
  urgent     bigint not null check (urgent in (0, 1)),
  ways       text not null, -- []rebound.Way
  way        bigint not null, -- the one in use
  state      text not null check (state in ('queued', 'sending', 'sent', 'delivered', 'failed', 'dropped')),
  body       text not null,
  trouble    text not null,
  bundle     text, -- the alert that tells this one with it
  carrier_id text,
  attempt    bigint not null,
  created_at bigint not null,
  sent_at    bigint,
  done_at    bigint,
  due_at     bigint,
  lease_by   text,
  claims     bigint not null default 0,
  primary key (id, business)
) /* strict */;
create index alerts_by_member on alerts (business, member, created_at);
create index alerts_due on alerts (due_at) where due_at is not null;

create table calls (
  business    text not null,
  id          text not null,
  line        text not null,
  connection  text not null,
  direction   text not null check (direction in ('in', 'out')),
  carrier_id  text, -- null: the carrier has not told the id of a call that we make
  contact     text not null,
  recovery    text,
  from_raw    text not null,
  plan        text not null, -- rebound.Plan
  evidence    text not null, -- legs, rings, recording: what the carrier told
  state       text not null check (state in ('ringing', 'answered', 'missed', 'blocked', 'calling', 'unanswered')),
  reason      text not null,
  accepted_by text,
  arrived_at  bigint not null,
  missed_at   bigint,
  ended_at    bigint,
  voicemail   bigint not null check (voicemail in (0, 1)),
  decision    text, -- rebound.Decision on its miss
  due_at      bigint, -- when to ask the carrier's log because a report may be lost
  lease_by    text,
  claims      bigint not null default 0,
  primary key (id, business)
) /* strict */;
create unique index calls_by_carrier on calls (connection, carrier_id);
create index calls_by_contact on calls (contact, business, arrived_at);
-- Who is on a call now, and when each member's last one was over.
create index calls_talking on calls (business) where state in ('answered', 'calling') and ended_at is null;
create index calls_by_member on calls (business, accepted_by, ended_at) where accepted_by is not null;
create index calls_due on calls (due_at) where due_at is not null;

create table messages (
  business   text not null,
  id         text not null,
  contact    text not null,
  recovery   text,
  call       text,
  line       text not null,
  author     text,
  direction  text not null check (direction in ('in', 'out')),
  class      text not null check (class in ('text_back', 'consent', 'human', 'received')),
  once       text not null, -- the same text is never created twice
  sender     text not null,
  recipient  text not null,
  body       text not null,
  segments   bigint not null,
  state      text not null,
  code       text not null,
  trouble    text not null,
  carrier_id text,
  connection text not null,
  attempt    bigint not null,
  checks     bigint not null,
  empties    bigint not null,
  created_at bigint not null,
  begun_at   bigint, -- the last attempt was written
  sent_at    bigint,
  done_at    bigint,
  stale_at   bigint,
  due_at     bigint,
  lease_by   text,
  claims     bigint not null default 0,
  primary key (id, business)
) /* strict */;
create unique index messages_once on messages (once, business);
create index messages_by_contact on messages (contact, business, created_at);
create index messages_due on messages (due_at) where due_at is not null;

-- What became of the attempts of a text that the carrier did not simply take. The latest attempt is in the
-- text's own row, where it is written before its request may leave.
create table attempts (
  business   text not null,
  message    text not null,
  n          bigint not null,
  begun_at   bigint not null,
  ended_at   bigint not null,
  outcome    text not null,
  detail     text not null,
  primary key (message, business, n),
  foreign key (business, message) references messages (business, id)
) /* strict */;

create table media (
  business     text not null,
  id           text not null,
  connection   text not null,
  contact      text not null,
  call         text,
  message      text,
  once         text not null,
  url          text not null,
  content_type text not null,
  size         bigint not null,
  duration     bigint not null,
  state        text not null check (state in ('wanted', 'stored', 'lost')),
  trouble      text not null,
  tries        bigint not null,
  created_at   bigint not null,
  due_at       bigint,
  lease_by     text,
  claims       bigint not null default 0,
  primary key (id, business)
) /* strict */;
create unique index media_once on media (once, business);
create index media_by_contact on media (contact, business, created_at);
create index media_due on media (due_at) where due_at is not null;

-- What a machine heard in voicemails: a lane of its own, so that a slow machine delays no fetch. The id is the
-- recording's.
create table transcripts (
  business   text not null,
  id         text not null,
  state      text not null check (state in ('wanted', 'made', 'failed')),
  words      text not null,
  trouble    text not null,
  tries      bigint not null,
  created_at bigint not null,
  due_at     bigint,
  lease_by   text,
  claims     bigint not null default 0,
  primary key (id, business)
) /* strict */;
create index transcripts_due on transcripts (due_at) where due_at is not null;

-- Greetings that somebody uploaded or spoke. The id is made from the content; lines and routes name it.
create table sounds (
  business     text not null references businesses (id),
  id           text not null,
  content_type text not null,
  size         bigint not null,
  duration     bigint not null,
  created_at   bigint not null,
  primary key (business, id)
) /* strict */;

create table events (
  business text not null,
  id       text not null,
  contact  text not null,
  recovery text,
  call     text,
  message  text,
  kind     text not null,
  words    text not null,
  at       bigint not null,
  primary key (id, business)
) /* strict */;
create index events_by_contact on events (contact, business, at);

-- What members wrote for the team alone.
create table notes (
  business text not null,
  id       text not null,
  contact  text not null,
  recovery text,
  author   text not null,
  body     text not null,
  told     text not null, -- []rebound.MemberID
  once     text not null, -- the same note is never written twice
  at       bigint not null,
  primary key (id, business)
) /* strict */;
create unique index notes_once on notes (once, business);
create index notes_by_contact on notes (contact, business, at);

-- What a member has typed and not sent, so that it is there on another device and after a restart.
create table drafts (
  business text not null,
  contact  text not null,
  member   text not null,
  note     bigint not null check (note in (0, 1)),
  body     text not null,
  at       bigint not null,
  primary key (business, contact, member)
) /* strict */;

-- What a business has used of its limits, by window: 'line/<id>/<hour>', 'hour/<hour>', 'day/<day>'.
create table usage (
  business text not null,
  span     text not null,
  until    bigint not null,
  texts    bigint not null,
  spent    bigint not null,
  primary key (business, span)
) /* strict */;

-- Automatic texts by number, over all businesses: the guard against a flood that no single
-- business could see. Not a tenant's table.
create table texted (
  number  text not null,
  id      text not null,
  prefix  text not null,
  at      bigint not null,
  primary key (number, id)
) /* strict */;
create index texted_by_prefix on texted (prefix, at);
create index texted_by_age on texted (at);

-- What carriers sent, as it came, for as long as raw_event_days says. Not a tenant's table: a
-- request is stored before it is known whom it is about.
create table carrier_events (
  received_at bigint not null,
  id          text not null,
  connection  text not null,
  kind        text not null,
  carrier_id  text not null,
  token       text not null,
  body        bytea not null,
  primary key (received_at, id)
) /* strict */;

-- Where other systems are told what happens.
create table webhooks (
  business      text not null references businesses (id),
  id            text not null,
  url           text not null,
  secret        text not null, -- a reference: env:NAME or file:/path; '': the installation makes one
  events        text not null, -- []rebound.WebhookEvent
  failing_since bigint,
  disabled_at   bigint,
  retired_at    bigint,
  primary key (business, id)
) /* strict */;

-- One event on its way to one webhook. Of those about one contact, only the first that is pending has a due_at.
create table deliveries (
  business   text not null,
  id         text not null,
  webhook    text not null,
  contact    text not null,
  event      text not null,
  body       text not null,
  place      bigint not null, -- among the pending ones of webhook and contact
  state      text not null check (state in ('pending', 'delivered', 'dead')),
  attempt    bigint not null,
  status     bigint not null, -- of HTTP; 0: no answer
  trouble    text not null,
  created_at bigint not null,
  done_at    bigint,
  due_at     bigint,
  lease_by   text,
  claims     bigint not null default 0,
  primary key (id, business)
) /* strict */;
create index deliveries_pending on deliveries (business, webhook, contact, place) where state = 'pending';
create index deliveries_by_webhook on deliveries (business, webhook, id);
create index deliveries_due on deliveries (due_at) where due_at is not null;

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

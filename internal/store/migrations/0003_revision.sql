-- Counts how often a business was declared, so that a node knows whether what it remembers of the
-- declaration still holds.
alter table businesses add column revision bigint not null default 0;

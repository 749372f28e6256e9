package store_test

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/fstest"

	"rebound"
	"rebound/internal/reboundtest"
	"rebound/internal/store"
)

func TestMigrateOnceAndForAll(t *testing.T) {
	reboundtest.Databases(t, func(t *testing.T, fresh func(t testing.TB) store.Options) {
		s := open(t, fresh(t))
		if version, err := s.Schema(t.Context()); err != nil || version != 0 {
			t.Errorf("a new database has schema %d, %v", version, err)
		}
		for _, want := range [][2]int{{0, store.Versions()}, {store.Versions(), store.Versions()}} {
			from, to, err := s.Migrate(t.Context())
			if err != nil || [2]int{from, to} != want {
				t.Errorf("migrated from %d to %d, %v; expected %v", from, to, err, want)
			}
		}
		if version, err := s.Schema(t.Context()); err != nil || version != store.Versions() {
			t.Errorf("schema %d, %v", version, err)
		}
	})
}

func TestNodesMigrateTogether(t *testing.T) {
	reboundtest.Databases(t, func(t *testing.T, fresh func(t testing.TB) store.Options) {
		o := fresh(t)
		nodes := []*store.Store{open(t, o)}
		if o.Postgres != "" {
			nodes = append(nodes, open(t, o), open(t, o))
		}
		var wg sync.WaitGroup
		for _, s := range nodes {
			for range 2 {
				wg.Go(func() {
					if _, to, err := s.Migrate(t.Context()); err != nil || to != store.Versions() {
						t.Errorf("to %d, %v", to, err)
					}
				})
			}
		}
		wg.Wait()
	})
}

func TestFailedMigrationLeavesTheLastGoodVersion(t *testing.T) {
	reboundtest.Databases(t, func(t *testing.T, fresh func(t testing.TB) store.Options) {
		s := open(t, fresh(t))
		bad := fstest.MapFS{
			"0001_good.sql": {Data: []byte(`create table things (id text primary key) /* strict */;`)},
			"0002_bad.sql":  {Data: []byte("create table half (id text primary key) /* strict */;\ninsert into nowhere values (1);")},
		}
		from, to, err := s.MigrateFrom(t.Context(), bad)
		if err == nil || from != 0 || to != 1 || !strings.Contains(err.Error(), "0002_bad") {
			t.Errorf("from %d to %d, %v", from, to, err)
		}
		if version, err := s.Schema(t.Context()); err != nil || version != 1 {
			t.Errorf("schema %d, %v", version, err)
		}
		if err := s.Read().Row(t.Context(), `select count(*) from half`).Scan(new(int)); err == nil {
			t.Error("half a migration is there")
		}
		bad["0002_bad.sql"].Data = []byte("create table half (id text primary key) /* strict */;")
		if _, to, err := s.MigrateFrom(t.Context(), bad); err != nil || to != 2 {
			t.Errorf("the mended migration: to %d, %v", to, err)
		}
	})
}

func TestNewerSchemaIsRefused(t *testing.T) {
	reboundtest.Databases(t, func(t *testing.T, fresh func(t testing.TB) store.Options) {
		o := fresh(t)
		s := open(t, o)
		newer := fstest.MapFS{}
		for version := 1; version <= store.Versions()+1; version++ {
			newer[fmt.Sprintf("%04d_x.sql", version)] = &fstest.MapFile{Data: []byte(
				fmt.Sprintf(`create table t%d (id text primary key) /* strict */;`, version))}
		}
		if _, _, err := s.MigrateFrom(t.Context(), newer); err != nil {
			t.Fatal(err)
		}
		if _, _, err := s.Migrate(t.Context()); rebound.ErrorKind(err) != rebound.Invalid {
			t.Errorf("migrating: %v", err)
		}
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
		if _, err := store.Open(t.Context(), o); rebound.ErrorKind(err) != rebound.Invalid {
			t.Errorf("opening: %v", err)
		}
	})
}

func TestMigrationNames(t *testing.T) {
	s := open(t, reboundtest.SQLite(t))
	for _, names := range []string{"0002_gap.sql", "1_short.sql", "0001_.sql", "0001.sql", "0001_a.sql 0001_b.sql", "0001_a.sql 0003_b.sql", "first_a.sql"} {
		folder := fstest.MapFS{}
		for name := range strings.FieldsSeq(names) {
			folder[name] = &fstest.MapFile{Data: []byte(`create table a (id text) /* strict */;`)}
		}
		if _, to, err := s.MigrateFrom(t.Context(), folder); err == nil || to != 0 {
			t.Errorf("%s: to %d, no error", names, to)
		}
	}
}

// column is what both engines must agree on.
type column struct {
	kind    string // "integer", "text" or "blob"
	notNull bool
	key     int // position in the primary key, from 1
}

// columns returns every column as "table.column".
func columns(t *testing.T, s *store.Store) map[string]column {
	query := `select t.name, c.name, lower(c.type), c."notnull", c.pk
		from sqlite_schema t join pragma_table_info(t.name) c where t.type = 'table' and t.name not like 'sqlite_%'`
	if s.Engine() == "postgres" {
		query = `select c.table_name, c.column_name, c.data_type, case c.is_nullable when 'NO' then 1 else 0 end,
				coalesce((select k.ordinal_position from information_schema.table_constraints p
					join information_schema.key_column_usage k on k.constraint_schema = p.constraint_schema and k.constraint_name = p.constraint_name
					where p.constraint_type = 'PRIMARY KEY' and p.table_schema = c.table_schema and p.table_name = c.table_name
						and k.column_name = c.column_name), 0)
			from information_schema.columns c where c.table_schema = current_schema()`
	}
	rows, err := s.Read().Query(t.Context(), query)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	all := map[string]column{}
	kinds := map[string]string{"bigint": "integer", "bytea": "blob"}
	for rows.Next() {
		var table, name string
		var c column
		if err := rows.Scan(&table, &name, &c.kind, &c.notNull, &c.key); err != nil {
			t.Fatal(err)
		}
		if kind, ok := kinds[c.kind]; ok {
			c.kind = kind
		}
		c.notNull = c.notNull || c.key > 0 // implied, and SQLite does not say so for text
		all[table+"."+name] = c
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return all
}

func TestEnginesEndWithTheSameSchema(t *testing.T) {
	schemas := map[string]map[string]column{}
	reboundtest.Stores(t, func(t *testing.T, open func(t *testing.T) *store.Store) {
		s := open(t)
		schemas[s.Engine()] = columns(t, s)
		if len(schemas[s.Engine()]) < 10 {
			t.Errorf("only %d columns", len(schemas[s.Engine()]))
		}
	})
	lite, pg := schemas["sqlite"], schemas["postgres"]
	if pg == nil {
		t.Skip("no PostgreSQL to compare with")
	}
	for _, name := range slices.Sorted(maps.Keys(lite)) {
		if other, ok := pg[name]; !ok || other != lite[name] {
			t.Errorf("%s is %+v on SQLite and %+v on PostgreSQL", name, lite[name], other)
		}
	}
	for name := range pg {
		if _, ok := lite[name]; !ok {
			t.Errorf("%s is not on SQLite", name)
		}
	}
}

// A table without STRICT would take a text for a number.
func TestSQLiteTablesAreStrict(t *testing.T) {
	s := open(t, reboundtest.SQLite(t))
	if _, _, err := s.Migrate(t.Context()); err != nil {
		t.Fatal(err)
	}
	rows, err := s.Read().Query(t.Context(), `select name from pragma_table_list
		where type = 'table' and strict = 0 and schema = 'main' and name not like 'sqlite_%'`)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	for rows.Next() {
		var name string
		if err := rows.Scan(&name); err != nil {
			t.Fatal(err)
		}
		t.Errorf("%s is not strict: its migration must end the table with ) /* strict */;", name)
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
}

// A lane that is claimed by a scan of its table stops the program when the table has grown.
func TestEveryLaneHasItsColumnsAndIndexes(t *testing.T) {
	s := open(t, reboundtest.SQLite(t))
	if _, _, err := s.Migrate(t.Context()); err != nil {
		t.Fatal(err)
	}
	all := columns(t, s)
	for _, lane := range store.Lanes() {
		for name, kind := range map[string]string{"business": "text", "id": "text", "due_at": "integer", "lease_by": "text", "claims": "integer"} {
			if c := all[string(lane)+"."+name]; c.kind != kind {
				t.Errorf("%s.%s is %q, expected %q", lane, name, c.kind, kind)
			}
		}
		for use, query := range map[string]string{
			"claim":       `select business, id, claims, due_at from %s where due_at <= 1 order by due_at limit 1`,
			"next due":    `select min(due_at) from %s where due_at is not null`,
			"free leases": `select distinct lease_by from %s where due_at <= 0 and lease_by is not null`,
		} {
			if plan := explain(t, s, fmt.Sprintf(query, lane)); !strings.Contains(plan, "INDEX") {
				t.Errorf("%s of %s: %s", use, lane, plan)
			}
		}
	}
}

// explain returns SQLite's plan for a query.
func explain(t *testing.T, s *store.Store, query string) string {
	rows, err := s.Read().Query(t.Context(), "explain query plan "+query)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	var plan []string
	for rows.Next() {
		var line string
		if err := rows.Scan(new(int), new(int), new(int), &line); err != nil {
			t.Fatal(err)
		}
		plan = append(plan, line)
	}
	return strings.Join(plan, "; ")
}

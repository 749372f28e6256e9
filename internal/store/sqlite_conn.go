package store

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"io"
	"reflect"
	"strings"

	"modernc.org/sqlite"
)

// liteConn is a connection of the driver's own. The writer does without database/sql, whose locks, copies and
// conversions take a tenth of the time in which nobody else can write.
type liteConn struct {
	conn  driver.Conn
	stmts map[string]*liteStmt
}

// liteStmt is one statement, kept ready.
type liteStmt struct {
	stmt   driver.Stmt
	writes bool
}

func connectLite(ctx context.Context, path string, pragmas ...string) (*liteConn, error) {
	dsn, err := sqliteDSN(path, pragmas...)
	if err != nil {
		return nil, err
	}
	connector, err := sqlite.NewConnector(dsn)
	if err != nil {
		return nil, err
	}
	conn, err := connector.Connect(ctx)
	if err != nil {
		return nil, err
	}
	return &liteConn{conn: conn, stmts: make(map[string]*liteStmt)}, nil
}

func (c *liteConn) prepared(query string) (*liteStmt, error) {
	if s := c.stmts[query]; s != nil {
		return s, nil
	}
	stmt, err := c.conn.Prepare(query)
	if err != nil {
		return nil, err
	}
	s := &liteStmt{stmt: stmt, writes: !strings.HasPrefix(strings.TrimSpace(query), "select")}
	c.stmts[query] = s
	return s, nil
}

func (c *liteConn) close() error {
	var err error
	for _, s := range c.stmts {
		err = errors.Join(err, s.stmt.Close())
	}
	return errors.Join(err, c.conn.Close())
}

func (s *liteStmt) exec(args []any) (int64, error) {
	values, err := bound(args)
	if err != nil {
		return 0, err
	}
	result, err := s.stmt.(driver.StmtExecContext).ExecContext(context.Background(), values)
	if err != nil {
		return 0, err
	}
	return result.RowsAffected()
}

func (s *liteStmt) query(args []any) (*liteRows, error) {
	values, err := bound(args)
	if err != nil {
		return nil, err
	}
	found, err := s.stmt.(driver.StmtQueryContext).QueryContext(context.Background(), values)
	if err != nil {
		return nil, err
	}
	return &liteRows{rows: found, values: make([]driver.Value, len(found.Columns()))}, nil
}

func bound(args []any) ([]driver.NamedValue, error) {
	values := make([]driver.NamedValue, len(args))
	for i, arg := range args {
		v, err := driver.DefaultParameterConverter.ConvertValue(arg)
		if err != nil {
			return nil, fmt.Errorf("argument $%d: %w", i+1, err)
		}
		values[i] = driver.NamedValue{Ordinal: i + 1, Value: v}
	}
	return values, nil
}

// liteRows are the rows of a query.
type liteRows struct {
	rows   driver.Rows
	values []driver.Value
	failed func(error) error // is told of an error on the way
	err    error
	over   bool
}

func (r *liteRows) Next() bool {
	if r.over {
		return false
	}
	if err := r.rows.Next(r.values); err != nil {
		if err != io.EOF {
			r.err = r.failed(err)
		}
		_ = r.Close()
		return false
	}
	return true
}

func (r *liteRows) Err() error { return r.err }

func (r *liteRows) Close() error {
	if r.over {
		return nil
	}
	r.over = true
	return r.rows.Close()
}

func (r *liteRows) Scan(dest ...any) error {
	if r.over || len(dest) != len(r.values) {
		return fmt.Errorf("store: %d columns for %d destinations", len(r.values), len(dest))
	}
	for i, d := range dest {
		if err := assign(d, r.values[i]); err != nil {
			return fmt.Errorf("column %d: %w", i+1, err)
		}
	}
	return nil
}

// assign gives a column's value to a destination of the column's own type.
func assign(dest any, value driver.Value) error {
	if s, ok := dest.(sql.Scanner); ok {
		return s.Scan(value)
	}
	to := reflect.ValueOf(dest)
	if to.Kind() == reflect.Pointer {
		to = to.Elem()
		switch v := value.(type) {
		case string:
			if to.Kind() == reflect.String {
				to.SetString(v)
				return nil
			}
		case int64:
			if to.CanInt() && !to.OverflowInt(v) {
				to.SetInt(v)
				return nil
			}
		case []byte:
			if to.Kind() == reflect.Slice && to.Type().Elem().Kind() == reflect.Uint8 {
				to.SetBytes(append([]byte(nil), v...))
				return nil
			}
		}
	}
	return fmt.Errorf("a %T does not go into a %T", value, dest)
}

package store

import (
	"database/sql"
	"encoding/json"
	"fmt"
	"time"
)

// micros writes an instant as microseconds since 1970, and the zero instant as null.
func micros(t time.Time) any {
	if t.IsZero() {
		return nil
	}
	return t.UnixMicro()
}

// at reads what micros wrote, in UTC.
func at(t *time.Time) sql.Scanner {
	return column[int64](func(us int64, null bool) error {
		*t = time.Time{}
		if !null {
			*t = time.UnixMicro(us).UTC()
		}
		return nil
	})
}

// flag writes a truth as 0 or 1.
func flag(b bool) int {
	if b {
		return 1
	}
	return 0
}

// flagged reads what flag wrote; null is false.
func flagged(b *bool) sql.Scanner {
	return column[int64](func(n int64, null bool) error {
		*b = n != 0
		return nil
	})
}

// nullable writes a string, and the empty one as null.
func nullable[S ~string](s S) any {
	if s == "" {
		return nil
	}
	return string(s)
}

// str reads a string; null is the empty one.
func str[S ~string](s *S) sql.Scanner {
	return column[string](func(text string, null bool) error {
		*s = S(text)
		return nil
	})
}

// asJSON writes v as JSON text. It panics for a type that has no JSON, which is a programmer's
// mistake and not a matter of the value.
func asJSON(v any) string {
	b, err := json.Marshal(v)
	if err != nil {
		panic(fmt.Sprintf("store: %T as JSON: %v", v, err))
	}
	return string(b)
}

// fromJSON reads what asJSON wrote. It sets v to its zero value first, and leaves it so for null.
func fromJSON[T any](v *T) sql.Scanner {
	return column[string](func(text string, null bool) error {
		var fresh T
		if !null {
			if err := json.Unmarshal([]byte(text), &fresh); err != nil {
				return err
			}
		}
		*v = fresh
		return nil
	})
}

// column is a sql.Scanner that gets a value of the column's own type, or the zero value and null.
type column[T int64 | string] func(value T, null bool) error

func (c column[T]) Scan(src any) error {
	var v sql.Null[T]
	if err := v.Scan(src); err != nil {
		return err
	}
	return c(v.V, !v.Valid)
}

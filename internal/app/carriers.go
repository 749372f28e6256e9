package app

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"sync"
	"time"

	"rebound"
	"rebound/internal/carrier"
	"rebound/internal/carrier/fake"
	"rebound/internal/carrier/twilio"
	"rebound/internal/hook"
	"rebound/internal/store"
)

// carriers makes clients and doors of connections and keeps them while the connection is unchanged.
type carriers struct {
	app *App
	key []byte

	mu    sync.Mutex
	built map[rebound.ConnectionID]made
}

// made is what was built from a connection as it then stood.
type made struct {
	from   rebound.Connection
	client carrier.Carrier
	door   carrier.Door
	seen   time.Time // when the connection was last found to stand so
}

// mayBeOld is how long a connection that was changed may still be used as it was: every webhook and
// every text asks for one.
const mayBeOld = 5 * time.Second

func newCarriers(a *App, key []byte) *carriers {
	return &carriers{app: a, key: key, built: map[rebound.ConnectionID]made{}}
}

// known returns the links of a carrier that this program speaks to.
func (c *carriers) known(name string) (carrier.Links, bool) {
	links := carrier.Links{Base: c.app.Config.PublicURL, Carrier: name, Key: c.key}
	return links, name == "twilio" || name == "fake"
}

func (c *carriers) link(p carrier.Place) string {
	links, _ := c.known(c.name(p.Connection))
	return links.To(p)
}

func (c *carriers) explain(id rebound.ConnectionID, code string) carrier.Remedy {
	if c.name(id) == "fake" {
		return fake.Explain(code)
	}
	return twilio.Explain(code)
}

// name returns which carrier a connection is with. That never changes under one id.
func (c *carriers) name(id rebound.ConnectionID) string {
	c.mu.Lock()
	m, ok := c.built[id]
	c.mu.Unlock()
	if ok {
		return m.from.Carrier
	}
	conn, err := c.app.Store.Read().Connection(context.Background(), id)
	if err != nil {
		return "twilio"
	}
	return conn.Carrier
}

func (c *carriers) client(ctx context.Context, id rebound.ConnectionID) (carrier.Carrier, error) {
	m, err := c.get(ctx, id)
	return m.client, err
}

func (c *carriers) door(ctx context.Context, id rebound.ConnectionID) (carrier.Door, error) {
	m, err := c.get(ctx, id)
	if errors.Is(err, store.ErrNotFound) || err == nil && m.door == nil {
		return nil, hook.ErrNoConnection
	}
	return m.door, err
}

// get returns what was made from the connection, or makes it anew when the connection has changed.
func (c *carriers) get(ctx context.Context, id rebound.ConnectionID) (made, error) {
	now := c.app.parts.Now()
	c.mu.Lock()
	m, ok := c.built[id]
	c.mu.Unlock()
	if age := now.Sub(m.seen); ok && age >= 0 && age < mayBeOld {
		return m, nil
	}
	conn, err := c.app.Store.Read().Connection(ctx, id)
	if err != nil {
		return made{}, fmt.Errorf("connection %s: %w", id, err)
	}
	if !ok || m.from != conn {
		if m, err = c.build(conn); err != nil {
			return made{}, fmt.Errorf("connection %s: %w", id, err)
		}
	}
	m.seen = now
	c.mu.Lock()
	c.built[id] = m
	c.mu.Unlock()
	return m, nil
}

func (c *carriers) build(conn rebound.Connection) (made, error) {
	m := made{from: conn}
	switch conn.Carrier {
	case "fake":
		if c.app.parts.Network == nil {
			return m, errors.New("the pretend carrier exists only in the demo; name another carrier in business.yaml")
		}
		if m.client = c.app.parts.Network.Carrier(conn.ID); m.client == nil {
			return m, errors.New("the pretend carrier has no number of this connection")
		}
		return m, nil
	case "twilio":
		secrets, err := Secrets(conn, c.app.parts.Getenv)
		if err != nil {
			return m, err
		}
		m.client = twilio.New(conn, secrets, twilio.Options{Transport: c.app.parts.Transport})
		m.door = twilio.NewDoor(conn, secrets)
		return m, nil
	}
	return m, fmt.Errorf("carrier %q is not known; there is twilio", conn.Carrier)
}

// Secrets follows a connection's references, "env:NAME" or "file:/path", to what they name.
func Secrets(conn rebound.Connection, getenv func(string) string) (twilio.Secrets, error) {
	var s twilio.Secrets
	var err error
	if s.AuthToken, err = secret(conn.AuthToken, getenv); err != nil {
		return s, fmt.Errorf("auth_token: %w", err)
	}
	if s.KeySecret, err = secret(conn.KeySecret, getenv); err != nil {
		return s, fmt.Errorf("key_secret: %w", err)
	}
	return s, nil
}

func secret(reference string, getenv func(string) string) (string, error) {
	if name, ok := strings.CutPrefix(reference, "env:"); ok {
		if value := getenv(name); value != "" {
			return value, nil
		}
		return "", fmt.Errorf("the environment variable %s is not set", name)
	}
	if path, ok := strings.CutPrefix(reference, "file:"); ok {
		content, err := os.ReadFile(path)
		return strings.TrimSpace(string(content)), err
	}
	if reference != "" {
		return "", errors.New("a secret must be a reference, env:NAME or file:/path")
	}
	return "", nil
}

package app

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"sync/atomic"
	"time"

	"rebound"
	"rebound/internal/carrier/fake"
	"rebound/internal/config"
	"rebound/internal/phone"
	"rebound/internal/web"
)

// Numbers of the demo's world. They are of the ranges kept for fiction.
const (
	demoBusiness   = rebound.BusinessID("acme-plumbing")
	demoConnection = rebound.ConnectionID("acme-plumbing.pretend")
	demoLine       = phone.Number("+14155550134")
)

// Demo runs a small plumbing business on a pretend phone network. It needs no account and no
// configuration: cfg says where to listen, and which folder to use; an empty one is a temporary folder,
// gone when the demo ends.
func Demo(ctx context.Context, cfg config.Config, out io.Writer) error {
	if cfg.Data == "" {
		folder, err := os.MkdirTemp("", "rebound-demo-")
		if err != nil {
			return fmt.Errorf("make the demo's folder: %w", err)
		}
		defer os.RemoveAll(folder) //nolint:errcheck // a temporary folder
		cfg.Data = folder
	}
	cfg.Database, cfg.PublicURL = "", "http://"+cfg.Listen
	clock := &demoClock{}
	network := fake.New(fake.Options{Log: slog.Default(), Now: clock.now})
	defer network.Close()
	a, err := OpenParts(ctx, cfg, Parts{Network: network, Alone: true, Now: clock.now})
	if err != nil {
		return err
	}
	known, err := a.declareDemo(ctx)
	if err != nil {
		return errors.Join(err, a.Close())
	}
	network.Connect(demoLine, fake.Connection{ID: demoConnection, Rebound: a.Engine, Links: a.Links("fake"), AnswersStop: false})
	line(out, "A small plumbing business, with pretend phones. Nothing here reaches a real person; Ctrl+C ends it.")
	skip := func(ctx context.Context, d time.Duration) error { return clock.skip(ctx, d, a.Engine.ClockMoved) }
	return a.run(ctx, out, a.Handler(&web.Simulator{Network: network, Line: demoLine, Known: known, Skip: skip}))
}

// demoClock goes with the world's, ahead of it by what was skipped.
type demoClock struct{ ahead atomic.Int64 }

func (c *demoClock) now() time.Time { return time.Now().Add(time.Duration(c.ahead.Load())) }

// skip moves the clock ahead minute by minute and lets what is due in each happen, so that nothing comes late as after
// an outage. A minute takes a fiftieth of a second.
func (c *demoClock) skip(ctx context.Context, d time.Duration, moved func()) error {
	for ; d > 0; d -= time.Minute {
		c.ahead.Add(int64(min(d, time.Minute)))
		moved()
		select {
		case <-time.After(20 * time.Millisecond):
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	return nil
}

// declareDemo writes the demo's business and returns the numbers of the customers that it knows.
func (a *App) declareDemo(ctx context.Context) ([]phone.Number, error) {
	if err := a.Engine.Declare(ctx, demoDeclaration()); err != nil {
		return nil, err
	}
	customers := []struct {
		number phone.Number
		name   string
	}{{"+14155550177", "Carol Reyes"}, {"+14155550188", "Tom Becker"}}
	var known []phone.Number
	for _, c := range customers {
		if err := a.Engine.NameContact(ctx, demoBusiness, c.number, c.name); err != nil {
			return nil, err
		}
		known = append(known, c.number)
	}
	return known, nil
}

func demoDeclaration() rebound.Declaration {
	member := func(id rebound.MemberID, name string, cell phone.Number) rebound.Member {
		return rebound.Member{Business: demoBusiness, ID: id, Name: name, Rings: []rebound.Destination{{Kind: rebound.Cell, Number: cell}}}
	}
	return rebound.Declaration{
		Business: rebound.Business{
			ID: demoBusiness, Slug: string(demoBusiness), Name: "Acme Plumbing", Zone: "America/Los_Angeles", Country: "US",
			Contact: "Call (415) 555-0134.", JobValue: 42_000, TextBack: rebound.TextBackPolicy{Delay: 2 * time.Second},
		},
		Connections: []rebound.Connection{{Business: demoBusiness, ID: demoConnection, Name: "pretend", Carrier: "fake", Account: "pretend"}},
		Members: []rebound.Member{
			member("dana", "Dana Whitfield", "+14155550101"), member("luis", "Luis Ortega", "+14155550102"),
			member("priya", "Priya Shah", "+14155550103"),
		},
		Teams: []rebound.Team{{Business: demoBusiness, ID: "day", Name: "Day team", Members: []rebound.MemberID{"dana", "luis", "priya"}}},
		Lines: []rebound.Line{{
			Business: demoBusiness, ID: "main", Connection: demoConnection, Name: "Main line", Number: demoLine, Team: "day",
			Strategy: rebound.Together, RingFor: 20 * time.Second,
			Voicemail: rebound.VoicemailRules{MaxLength: 2 * time.Minute, EndSilence: 5 * time.Second},
		}},
	}
}

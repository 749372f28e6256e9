// Package app builds everything, starts it and stops it in order. It alone knows all other packages;
// it holds no rule and no page.
package app

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"time"

	"rebound"
	"rebound/internal/carrier"
	"rebound/internal/carrier/fake"
	"rebound/internal/config"
	"rebound/internal/engine"
	"rebound/internal/hook"
	"rebound/internal/live"
	"rebound/internal/notify"
	"rebound/internal/speech"
	"rebound/internal/store"
	"rebound/internal/zone"
)

// Parts are what a test or the demo puts in place of the world. The zero value is the world itself.
type Parts struct {
	Store     *store.Store                      // nil: opened as the configuration says, and migrated
	Now       func() time.Time                  // nil: time.Now
	Log       *slog.Logger                      // nil: slog.Default
	Transport http.RoundTripper                 // carries requests to carriers; nil: the network
	Outside   http.RoundTripper                 // carries requests to addresses that people typed; nil: the network
	Speech    http.RoundTripper                 // carries requests to the transcription service; nil: the network
	Network   *fake.Network                     // serves connections whose carrier is "fake"; nil: there are none
	Getenv    func(string) string               // nil: os.Getenv
	beside    bool                              // another process may serve this database
	Alone     bool                              // no other node works on the database
	Notify    map[rebound.Channel]notify.Sender // send alerts in place of the world's senders
	Lease     time.Duration                     // zero: the engine's own
	Poll      time.Duration                     // zero: the engine's own
	Audit     time.Duration                     // zero: the engine's own
	Catchup   time.Duration                     // zero: the engine's own; negative: the carriers' logs are not read
}

// App is an installation, opened.
type App struct {
	Config config.Config
	Store  *store.Store
	Engine *engine.Engine
	Hub    *live.Hub
	Files  *store.Files

	parts    Parts
	carriers *carriers
	outbound *notify.Outbound
	webhooks []byte // of which webhooks' own secrets are made
	hook     *hook.Hook
	instance string
	began    bool
}

// Open opens the database, migrates it, and builds the engine without starting it. Close must be called.
func Open(ctx context.Context, cfg config.Config) (*App, error) {
	return OpenParts(ctx, cfg, Parts{})
}

// OpenBeside is Open for a command that does its work beside a server on the same database. Start must
// not be called.
func OpenBeside(ctx context.Context, cfg config.Config, getenv func(string) string) (*App, error) {
	return OpenParts(ctx, cfg, Parts{Getenv: getenv, beside: true})
}

// OpenParts is Open with parts replaced.
func OpenParts(ctx context.Context, cfg config.Config, p Parts) (*App, error) {
	a := &App{Config: cfg, Hub: live.New(), parts: p}
	if a.parts.Now == nil {
		a.parts.Now = time.Now
	}
	if a.parts.Log == nil {
		a.parts.Log = slog.Default()
	}
	if a.parts.Getenv == nil {
		a.parts.Getenv = os.Getenv
	}
	if err := a.build(ctx); err != nil {
		return nil, errors.Join(err, a.Close())
	}
	return a, nil
}

func (a *App) build(ctx context.Context) error {
	var err error
	if a.Files, err = store.NewFiles(filepath.Join(a.Config.Data, "media")); err != nil {
		return fmt.Errorf("open the folder for pictures and recordings: %w", err)
	}
	if a.Store = a.parts.Store; a.Store == nil {
		if a.Store, err = openStore(ctx, a.Config, a.parts.Log, a.parts.beside); err != nil {
			return err
		}
		if _, _, err = a.Store.Migrate(ctx); err != nil {
			return fmt.Errorf("migrate the database: %w", err)
		}
	}
	linkKey, err := a.Store.Secret(ctx, "links")
	if err != nil {
		return err
	}
	alertKey, err := a.Store.Secret(ctx, "alert links")
	if err != nil {
		return err
	}
	id, err := a.Store.Secret(ctx, "instance")
	if err != nil {
		return err
	}
	if a.webhooks, err = a.Store.Secret(ctx, "webhooks"); err != nil {
		return err
	}
	a.outbound = notify.NewOutbound(notify.OutboundOptions{Allow: a.Config.OutboundAllow, Transport: a.parts.Outside})
	sum := sha256.Sum256(id)
	a.instance = hex.EncodeToString(sum[:8])
	a.carriers = newCarriers(a, linkKey)
	senders, err := a.senders()
	if err != nil {
		return err
	}
	a.Engine = engine.New(engine.Options{
		Store: a.Store, Files: a.Files, Hub: a.Hub, Log: a.parts.Log, Now: a.parts.Now, Zone: zone.Keep(),
		Carrier: a.carriers.client, Link: a.carriers.link, Explain: a.carriers.explain,
		Tell: a.outbound.PostWebhook, WebhookSecret: a.webhookSecret,
		Transcribe: a.transcriber(),
		Senders:    a.Config.SendWorkers, MediaMax: a.Config.MediaMaxBytes,
		KeepRaw: time.Duration(a.Config.RawEventDays) * 24 * time.Hour,
		Notify:  senders, PublicURL: a.Config.PublicURL, LinkKey: alertKey,
		Alone: a.parts.Alone, Lease: a.parts.Lease, Poll: a.parts.Poll, Catchup: a.parts.Catchup, Audit: a.parts.Audit,
	})
	a.hook = hook.New(hook.Options{Engine: a.Engine, Log: a.parts.Log, Links: a.carriers.known, Door: a.carriers.door, Sound: a.Engine.Sound})
	return nil
}

func openStore(ctx context.Context, cfg config.Config, log *slog.Logger, beside bool) (*store.Store, error) {
	s, err := store.Open(ctx, store.Options{Postgres: cfg.Database, Path: cfg.DatabaseFile(), Log: log, Beside: beside})
	if err != nil {
		return nil, fmt.Errorf("open the database: %w", err)
	}
	return s, nil
}

// transcriber returns what transcribes voicemails; nil: no service is set.
func (a *App) transcriber() func(context.Context, string, io.Reader) (string, error) {
	if a.Config.TranscriptionURL == "" {
		return nil
	}
	s := speech.Service{
		URL: a.Config.TranscriptionURL, Key: string(a.Config.TranscriptionKey), Model: a.Config.TranscriptionModel, Transport: a.parts.Speech,
	}
	return func(ctx context.Context, contentType string, sound io.Reader) (string, error) {
		words, err := s.Transcribe(ctx, contentType, sound)
		if errors.Is(err, speech.ErrRefused) {
			err = errors.Join(engine.ErrNotTaken, err)
		}
		return words, err
	}
}

// Start begins to work on what is due.
func (a *App) Start(ctx context.Context) error {
	if err := a.Files.ForgetParts(time.Now(), time.Hour); err != nil { // files have the machine's time
		a.parts.Log.Warn("tidy the folder for pictures and recordings", "err", err)
	}
	if err := a.Engine.Start(ctx); err != nil {
		return err
	}
	a.began = true
	return nil
}

// Links makes and reads the addresses that the named carrier calls.
func (a *App) Links(carrierName string) carrier.Links {
	l, _ := a.carriers.known(carrierName)
	return l
}

// Instance names this installation: /healthz says it, so that the doctor can tell whether the public
// address leads here.
func (a *App) Instance() string { return a.instance }

// Close stops what was started, in order (jobs, live pages, database), and closes the database. The
// doors must be closed by then.
func (a *App) Close() error {
	if a.began {
		ctx, cancel := context.WithTimeout(context.Background(), 12*time.Second)
		defer cancel()
		a.Engine.Stop(ctx)
	}
	a.Hub.Close()
	var errs []error
	if a.Files != nil {
		errs = append(errs, a.Files.Close())
	}
	if a.Store != nil {
		errs = append(errs, a.Store.Close())
	}
	return errors.Join(errs...)
}

// Migrate brings the database to this program's schema and returns the version before and after.
func Migrate(ctx context.Context, cfg config.Config) (from, to int, err error) {
	s, err := openStore(ctx, cfg, slog.Default(), false)
	if err != nil {
		return 0, 0, err
	}
	from, to, err = s.Migrate(ctx)
	return from, to, errors.Join(err, s.Close())
}

// line writes one line for whoever started the program.
func line(out io.Writer, format string, args ...any) {
	fmt.Fprintf(out, format+"\n", args...) //nolint:errcheck // nobody is there to read it
}

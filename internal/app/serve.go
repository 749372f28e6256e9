package app

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"time"

	"rebound"
	"rebound/internal/businessfile"
	"rebound/internal/config"
	"rebound/internal/web"
	"rebound/internal/zone"
)

// Serve runs an installation until ctx ends: it opens the database, listens, and works on what is due.
func Serve(ctx context.Context, cfg config.Config, out io.Writer) error {
	a, err := Open(ctx, cfg)
	if err != nil {
		return err
	}
	if err := a.reachable(ctx); err != nil {
		return errors.Join(err, a.Close())
	}
	return a.run(ctx, out, a.Handler(nil))
}

// reachable refuses to serve connections whose carrier could not find the way here.
func (a *App) reachable(ctx context.Context) error {
	businesses, err := a.Store.Read().Businesses(ctx)
	if err != nil || a.Config.PublicURL != "" {
		return err
	}
	for _, b := range businesses {
		connections, err := a.Store.Read().For(b).Connections(ctx)
		if err != nil {
			return err
		}
		for _, c := range connections {
			return fmt.Errorf("connection %s needs public_url, the https address at which its carrier reaches this server; set it (see README, \"Configuration\")", c.ID)
		}
	}
	return nil
}

// run starts the jobs and serves until ctx ends; then it stops everything in order: doors, jobs, live
// pages, database.
func (a *App) run(ctx context.Context, out io.Writer, handler http.Handler) error {
	listener, err := net.Listen("tcp", a.Config.Listen)
	if err != nil {
		return errors.Join(fmt.Errorf("listen on %s: %w", a.Config.Listen, err), a.Close())
	}
	if err := a.Start(ctx); err != nil {
		return errors.Join(err, listener.Close(), a.Close())
	}
	server := &http.Server{
		Handler: handler, ReadHeaderTimeout: 5 * time.Second, ReadTimeout: 30 * time.Second, IdleTimeout: 2 * time.Minute,
		MaxHeaderBytes: 64 << 10,
	}
	server.RegisterOnShutdown(a.Hub.Close) // open pages would keep the doors open for ever
	failed := make(chan error, 1)
	go func() { failed <- server.Serve(listener) }()
	line(out, "Rebound listens on http://%s", listener.Addr())
	select {
	case err = <-failed:
	case <-ctx.Done():
		err = nil
	}
	stopping, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	if late := server.Shutdown(stopping); late != nil {
		_ = server.Close() // who is still being answered after 10 s has lost its connection
	}
	if errors.Is(err, http.ErrServerClosed) {
		err = nil
	}
	return errors.Join(err, a.Close())
}

// Handler returns everything that is served: the carriers' door, the health page, and the pages for
// people. simulator is nil where callers are real.
func (a *App) Handler(simulator *web.Simulator) http.Handler {
	mux := http.NewServeMux()
	mux.Handle("/hook/{carrier}/", a.hook)
	mux.HandleFunc("GET /healthz", a.health)
	mux.Handle("GET /metrics", a.metrics())
	mux.Handle("/", a.pages(simulator))
	return mux
}

// pages serves what people see.
func (a *App) pages(simulator *web.Simulator) http.Handler {
	pages := web.New(web.Options{
		Reader: a.Store.Read(), Files: a.Files, Hub: a.Hub, Zone: zone.Load, Now: a.parts.Now, Log: a.parts.Log,
		Simulator: simulator, Password: string(a.Config.Password), Desk: a.Engine,
		Edit: func(ctx context.Context, id rebound.BusinessID, edit func(*rebound.Declaration) error) error {
			return a.Engine.Edit(ctx, id, func(d *rebound.Declaration) error {
				if err := edit(d); err != nil {
					return err
				}
				return businessfile.Check(*d)
			})
		},
	})
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !a.Config.PagesServed() {
			http.Error(w, "The pages are off: set a password (see README, \"Configuration\"), or listen on 127.0.0.1 only.", http.StatusForbidden)
			return
		}
		pages.ServeHTTP(w, r)
	})
}

// health says whether this installation works: its database answers and has this program's schema.
func (a *App) health(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("X-Rebound-Instance", a.instance)
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	schema, err := a.Store.Schema(r.Context())
	counts := a.hook.Counts()
	audit := a.Engine.Audited()
	answer := map[string]any{
		"ok": err == nil, "database": a.Store.Engine(), "schema": schema,
		"clocks": map[string]any{
			"ok": audit.OK(a.parts.Now()), "repaired": audit.Repaired, "late_s": int(audit.Late.Seconds()),
		},
		"webhooks": map[string]int64{
			"taken": counts.Taken.Load(), "forged": counts.Forged.Load(), "refused": counts.Refused.Load(), "failed": counts.Failed.Load(),
		},
	}
	if err != nil {
		a.parts.Log.Error("health", "err", err)
		w.WriteHeader(http.StatusServiceUnavailable)
	}
	_ = json.NewEncoder(w).Encode(answer) // who asked has gone
}

package main

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"time"

	"rebound"
)

func healthCommand() command {
	return command{
		name:    "health",
		summary: "ask the server on this machine whether it works; exit code 0 when it does",
		about: `Asks /healthz at the address that listen names. It is for supervisors and containers, which have no other tool at
hand; rebound doctor looks at far more.`,
		settings: true,
		run: func(ctx context.Context, in *call) error {
			if err := in.takes(0, 0, ""); err != nil {
				return err
			}
			cfg, err := in.config()
			if err != nil {
				return err
			}
			address := "http://" + reachable(cfg.Listen) + "/healthz"
			req, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
			if err != nil {
				return err
			}
			// Without a proxy: the server is on this machine.
			client := &http.Client{Timeout: 5 * time.Second, Transport: &http.Transport{}}
			answer, err := client.Do(req)
			if err != nil {
				return rebound.Errorf(rebound.Unavailable, "R3360", "the server does not answer at %s; start it, or look into its log", address)
			}
			defer answer.Body.Close() //nolint:errcheck // nothing of it is read
			if answer.StatusCode != http.StatusOK {
				return rebound.Errorf(rebound.Unavailable, "R3361", "%s answers %s; look into the server's log", address, answer.Status)
			}
			fmt.Fprintln(in.stdout, "The server works.")
			return nil
		},
	}
}

// reachable is the address of a server that listens on every interface, as a client may call it.
func reachable(listen string) string {
	host, port, err := net.SplitHostPort(listen)
	if err != nil {
		return listen
	}
	if ip := net.ParseIP(host); host == "" || ip != nil && ip.IsUnspecified() {
		host = "127.0.0.1"
	}
	return net.JoinHostPort(host, port)
}

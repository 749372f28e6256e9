package engine

import (
	"strings"
	"testing"
	"time"

	"rebound"
)

func TestAnAlertsLinkExpires(t *testing.T) {
	now := time.Date(2026, 11, 24, 18, 0, 0, 0, time.UTC)
	e := &Engine{o: Options{PublicURL: "https://rebound.test/", LinkKey: []byte("a key that is long enough for a mac")}, now: func() time.Time { return now }}
	link := (&step{Engine: e, now: now}).alertLink(rebound.Alert{Business: "acme", Recovery: "r", Member: "ana"})
	path, ours := strings.CutPrefix(link, "https://rebound.test")
	if !ours {
		t.Fatal(link)
	}
	now = now.Add(linkLasts)
	if l, err := e.ReadAlertLink(path); err != nil || l.Recovery != "r" || !l.Until.Equal(now) {
		t.Errorf("in its last second it opens %+v, %v", l, err)
	}
	now = now.Add(time.Second)
	if _, err := e.ReadAlertLink(path); rebound.ErrorKind(err) != rebound.Forbidden {
		t.Errorf("afterwards: %v", err)
	}
	for _, wrong := range []string{"", "/", "/a/acme/r/ana", path + "x", path[1:], strings.Replace(path, "acme", "other", 1)} {
		if _, err := e.ReadAlertLink(wrong); rebound.ErrorKind(err) != rebound.NotFound {
			t.Errorf("%q: %v", wrong, err)
		}
	}
}

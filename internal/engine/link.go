package engine

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"strconv"
	"strings"
	"time"

	"rebound"
)

// AlertLink is what the address in an alert opens: one recovery, for one member, for a day.
type AlertLink struct {
	Business rebound.BusinessID
	Recovery rebound.RecoveryID
	Member   rebound.MemberID
	Until    time.Time
}

// linkLasts is how long an alert's address works without a password; it ends before, when somebody makes contact.
const linkLasts = 24 * time.Hour

// alertLink returns the whole address for an alert, whose path is signed.
func (s *step) alertLink(a rebound.Alert) string {
	path := "/a/" + string(a.Business) + "/" + string(a.Recovery) + "/" + string(a.Member) + "/" + strconv.FormatInt(s.now.Add(linkLasts).Unix(), 36)
	return strings.TrimSuffix(s.o.PublicURL, "/") + path + "/" + s.o.signature(path)
}

func (o Options) signature(path string) string {
	h := hmac.New(sha256.New, o.LinkKey)
	h.Write([]byte(path))
	return base64.RawURLEncoding.EncodeToString(h.Sum(nil))[:22] // 132 bits
}

// ReadAlertLink checks the path of an alert's address and returns what it opens. R2210: it was altered or is
// none. R2211: it has expired.
func (e *Engine) ReadAlertLink(path string) (AlertLink, error) {
	end := strings.LastIndexByte(path, '/')
	part := strings.Split(path, "/")
	if len(part) != 7 || part[1] != "a" || !hmac.Equal([]byte(path[end+1:]), []byte(e.o.signature(path[:end]))) {
		return AlertLink{}, rebound.Errorf(rebound.NotFound, "R2210", "This link is not complete. Open it from the alert itself, or sign in.")
	}
	until, _ := strconv.ParseInt(part[5], 36, 64) // it is signed
	link := AlertLink{rebound.BusinessID(part[2]), rebound.RecoveryID(part[3]), rebound.MemberID(part[4]), time.Unix(until, 0).UTC()}
	if e.now().After(link.Until) {
		return AlertLink{}, rebound.Errorf(rebound.Forbidden, "R2211", "This link has expired. Sign in to open the conversation.")
	}
	return link, nil
}

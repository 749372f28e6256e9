package notify

import (
	"context"
	"crypto/aes"
	"crypto/cipher"
	"crypto/ecdh"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/hkdf"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"
)

// Web push: a notice is encrypted for the one browser that subscribed (RFC 8291) and handed to that browser's push
// service, to which the server's own key says who sends (VAPID, RFC 8292).

// Push sends notices to browsers.
type Push struct {
	out     *Outbound
	key     *ecdsa.PrivateKey
	public  []byte // of key, as a point
	contact string
	now     func() time.Time
}

// NewPush makes a sender with the key that follows from secret, 32 random bytes that must stay the same: browsers
// subscribe to one key. contact is an address at which a push service reaches whoever runs this server, "mailto:…"
// or "https://…".
func NewPush(o *Outbound, secret []byte, contact string, now func() time.Time) (*Push, error) {
	if len(secret) != sha256.Size {
		return nil, errors.New("the push key needs 32 bytes")
	}
	scalar := secret
	key, err := ecdsa.ParseRawPrivateKey(elliptic.P256(), scalar)
	for err != nil { // one of four billion is no key
		next := sha256.Sum256(scalar)
		scalar = next[:]
		key, err = ecdsa.ParseRawPrivateKey(elliptic.P256(), scalar)
	}
	public, err := key.PublicKey.Bytes()
	if err != nil {
		return nil, fmt.Errorf("push key: %w", err)
	}
	return &Push{out: o, key: key, public: public, contact: contact, now: now}, nil
}

// PublicKey is what a page gives the browser to subscribe with (applicationServerKey), in URL-safe base64.
func (p *Push) PublicKey() string { return base64.RawURLEncoding.EncodeToString(p.public) }

// subscription is what a browser's PushSubscription.toJSON says.
type subscription struct {
	Endpoint string `json:"endpoint"`
	Keys     struct {
		P256dh string `json:"p256dh"`
		Auth   string `json:"auth"`
	} `json:"keys"`
}

// pushLives is how long a push service keeps a notice for a browser that is off. After that a later step of the policy
// has told more.
const pushLives = 4 * time.Hour

// Send encrypts the notice for a subscription, the JSON that the browser made of it.
func (p *Push) Send(ctx context.Context, to string, n Notice) error {
	var s subscription
	if err := json.Unmarshal([]byte(to), &s); err != nil {
		return &Refusal{Reason: "This is not a browser's subscription."}
	}
	endpoint, err := url.Parse(s.Endpoint)
	if err != nil || endpoint.Scheme != "https" || endpoint.Host == "" {
		return &Refusal{Reason: "The subscription names no push service."}
	}
	sealed, err := seal(s, pushBody(n))
	if err != nil {
		return &Refusal{Reason: "The subscription's keys cannot be used. Turn notifications off and on again in that browser."}
	}
	token, err := p.token(endpoint)
	if err != nil {
		return err
	}
	urgency := "normal"
	if n.Urgent {
		urgency = "high"
	}
	topic := sha256.Sum256([]byte(n.ID)) // a repeat replaces what the browser has not had yet
	answer, err := p.out.Post(ctx, s.Endpoint, http.Header{
		"Authorization":    {"vapid t=" + token + ", k=" + p.PublicKey()},
		"Content-Encoding": {"aes128gcm"},
		"Content-Type":     {"application/octet-stream"},
		"Ttl":              {strconv.Itoa(int(pushLives.Seconds()))},
		"Topic":            {base64.RawURLEncoding.EncodeToString(topic[:24])},
		"Urgency":          {urgency},
	}, sealed)
	if err != nil {
		return err
	}
	return answer.Verdict()
}

// pushBody is what the service worker reads. Push services take 4,096 bytes; the encryption needs some of them.
func pushBody(n Notice) []byte {
	if len(n.Link) > 1000 {
		n.Link = "" // the worker opens the inbox then
	}
	body, _ := json.Marshal(struct { // plain strings: never fails
		ID       string `json:"id"`
		Title    string `json:"title"`
		Body     string `json:"body"`
		Business string `json:"business"`
		Link     string `json:"link,omitempty"`
		Urgent   bool   `json:"urgent"`
	}{n.ID, cut(headline(n), 120), cut(n.Body, 200), cut(n.Business, 80), n.Link, n.Urgent})
	return body
}

// token is the JWT by which a push service knows the sender (RFC 8292, 2). It holds for one service and half a day.
func (p *Push) token(endpoint *url.URL) (string, error) {
	part := base64.RawURLEncoding.EncodeToString
	claims, err := json.Marshal(map[string]any{
		"aud": endpoint.Scheme + "://" + endpoint.Host, "exp": p.now().Add(12 * time.Hour).Unix(), "sub": p.contact,
	})
	if err != nil {
		return "", fmt.Errorf("push token: %w", err)
	}
	text := part([]byte(`{"typ":"JWT","alg":"ES256"}`)) + "." + part(claims)
	sum := sha256.Sum256([]byte(text))
	r, s, err := ecdsa.Sign(rand.Reader, p.key, sum[:])
	if err != nil {
		return "", fmt.Errorf("push token: %w", err)
	}
	var signature [64]byte
	r.FillBytes(signature[:32])
	s.FillBytes(signature[32:])
	return text + "." + part(signature[:]), nil
}

// recordSize is the one record of a message (RFC 8188, 2): what push services take.
const recordSize = 4096

// seal encrypts for one browser (RFC 8291, 3).
func seal(to subscription, plain []byte) ([]byte, error) {
	receiver, err := decodeKey(to.Keys.P256dh)
	if err != nil {
		return nil, err
	}
	theirs, err := ecdh.P256().NewPublicKey(receiver)
	if err != nil {
		return nil, err
	}
	auth, err := decodeKey(to.Keys.Auth)
	if err != nil || len(auth) != 16 {
		return nil, errors.New("the subscription's secret is not 16 bytes")
	}
	ours, err := ecdh.P256().GenerateKey(rand.Reader)
	if err != nil {
		return nil, err
	}
	shared, err := ours.ECDH(theirs)
	if err != nil {
		return nil, err
	}
	sender := ours.PublicKey().Bytes()
	salt := make([]byte, 16)
	rand.Read(salt) // never fails
	gcm, nonce, err := contentKey(shared, auth, salt, receiver, sender)
	if err != nil {
		return nil, err
	}
	header := binary.BigEndian.AppendUint32(salt, recordSize)
	header = append(append(header, byte(len(sender))), sender...)
	const last = 2 // the delimiter of the last record
	if len(plain)+1+gcm.Overhead() > recordSize-len(header) {
		return nil, errors.New("the notice is too long for a push")
	}
	return gcm.Seal(header, nonce, append(plain, last), nil), nil
}

// contentKey derives the key and nonce of the message from what both sides know.
func contentKey(shared, auth, salt, receiver, sender []byte) (cipher.AEAD, []byte, error) {
	ikm, err := hkdf.Key(sha256.New, shared, auth, "WebPush: info\x00"+string(receiver)+string(sender), 32)
	if err != nil {
		return nil, nil, err
	}
	key, err := hkdf.Key(sha256.New, ikm, salt, "Content-Encoding: aes128gcm\x00", 16)
	if err != nil {
		return nil, nil, err
	}
	nonce, err := hkdf.Key(sha256.New, ikm, salt, "Content-Encoding: nonce\x00", 12)
	if err != nil {
		return nil, nil, err
	}
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, nil, err
	}
	gcm, err := cipher.NewGCM(block)
	return gcm, nonce, err
}

// decodeKey reads URL-safe base64, which some browsers pad.
func decodeKey(text string) ([]byte, error) {
	return base64.RawURLEncoding.DecodeString(strings.TrimRight(text, "="))
}

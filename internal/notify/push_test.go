package notify_test

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/ecdh"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/hkdf"
	"crypto/rand"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"math/big"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"rebound/internal/notify"
)

var pushTime = time.Date(2026, 7, 1, 12, 0, 0, 0, time.UTC)

// browser is who subscribes: it alone can read what it is sent.
type browser struct {
	key  *ecdh.PrivateKey
	auth []byte
}

func newBrowser(t *testing.T) browser {
	key, err := ecdh.P256().GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	b := browser{key, make([]byte, 16)}
	rand.Read(b.auth)
	return b
}

func (b browser) subscription(endpoint string) string {
	encode := base64.URLEncoding.EncodeToString
	text, _ := json.Marshal(map[string]any{"endpoint": endpoint, "expirationTime": nil,
		"keys": map[string]string{"p256dh": encode(b.key.PublicKey().Bytes()), "auth": encode(b.auth)}})
	return string(text)
}

// read decrypts as the standard says for the receiver (RFC 8291, 3.4 and RFC 8188, 2.1).
func (b browser) read(t *testing.T, body []byte) []byte {
	t.Helper()
	fail := func(err error) {
		if err != nil {
			t.Fatal(err)
		}
	}
	salt, size, idLength := body[:16], binary.BigEndian.Uint32(body[16:20]), int(body[20])
	if len(body) > 4096 || size != 4096 || idLength != 65 {
		t.Fatalf("%d bytes in records of %d, a key of %d", len(body), size, idLength)
	}
	sender := body[21 : 21+idLength]
	public, err := ecdh.P256().NewPublicKey(sender)
	fail(err)
	shared, err := b.key.ECDH(public)
	fail(err)
	early, err := hkdf.Extract(sha256.New, shared, b.auth)
	fail(err)
	ikm, err := hkdf.Expand(sha256.New, early, "WebPush: info\x00"+string(b.key.PublicKey().Bytes())+string(sender), 32)
	fail(err)
	late, err := hkdf.Extract(sha256.New, ikm, salt)
	fail(err)
	key, err := hkdf.Expand(sha256.New, late, "Content-Encoding: aes128gcm\x00", 16)
	fail(err)
	nonce, err := hkdf.Expand(sha256.New, late, "Content-Encoding: nonce\x00", 12)
	fail(err)
	block, err := aes.NewCipher(key)
	fail(err)
	gcm, err := cipher.NewGCM(block)
	fail(err)
	plain, err := gcm.Open(nil, nonce, body[21+idLength:], nil)
	fail(err)
	text := strings.TrimRight(string(plain), "\x00")
	if !strings.HasSuffix(text, "\x02") {
		t.Fatalf("the last record does not end as one: %q", text)
	}
	return []byte(text[:len(text)-1])
}

// pushService is where a browser's notices are handed in.
func pushService(t *testing.T, answer http.HandlerFunc) (*recorder, *notify.Push) {
	r := &recorder{answer: answer}
	r.Server = httptest.NewTLSServer(r)
	t.Cleanup(r.Close)
	roots := x509.NewCertPool()
	roots.AddCert(r.Certificate())
	out := notify.NewOutbound(notify.OutboundOptions{Allow: loopback}).Trust(roots)
	push, err := notify.NewPush(out, []byte(strings.Repeat("k", 32)), "mailto:office@acme.example", func() time.Time { return pushTime })
	if err != nil {
		t.Fatal(err)
	}
	return r, push
}

func TestPushIsReadByItsBrowserAlone(t *testing.T) {
	service, push := pushService(t, func(w http.ResponseWriter, r *http.Request) { w.WriteHeader(http.StatusCreated) })
	b := newBrowser(t)
	n := hostile()
	n.Body = strings.Repeat("😀<", 4000) // far more than a push holds
	if err := push.Send(t.Context(), b.subscription(service.URL+"/push/abc"), n); err != nil {
		t.Fatal(err)
	}
	got := service.only(t)
	for name, want := range map[string]string{"Content-Encoding": "aes128gcm", "Ttl": "14400", "Urgency": "high"} {
		if got.header.Get(name) != want {
			t.Errorf("%s is %q, want %q", name, got.header.Get(name), want)
		}
	}
	if topic := got.header.Get("Topic"); len(topic) != 32 {
		t.Errorf("the topic is %q", topic)
	}
	var said struct{ ID, Title, Body, Link string }
	if err := json.Unmarshal(b.read(t, got.body), &said); err != nil {
		t.Fatal(err)
	}
	if said.ID != "alert1" || said.Title != "Urgent: "+n.Title || said.Link != n.Link || !strings.HasPrefix(n.Body, strings.TrimSuffix(said.Body, "…")) || said.Body == "" {
		t.Errorf("the browser reads %+v", said)
	}
	checkToken(t, push, got.header.Get("Authorization"), service.URL)
}

// checkToken checks the sender's token as a push service does (RFC 8292, 2 and 3).
func checkToken(t *testing.T, push *notify.Push, header, audience string) {
	t.Helper()
	token, key, _ := strings.Cut(strings.TrimPrefix(header, "vapid t="), ", k=")
	if key != push.PublicKey() {
		t.Fatalf("the key is %q", key)
	}
	point, err := base64.RawURLEncoding.DecodeString(key)
	if err != nil {
		t.Fatal(err)
	}
	public, err := ecdsa.ParseUncompressedPublicKey(elliptic.P256(), point)
	if err != nil {
		t.Fatal(err)
	}
	part := strings.Split(token, ".")
	if len(part) != 3 {
		t.Fatalf("the token is %q", token)
	}
	signature, err := base64.RawURLEncoding.DecodeString(part[2])
	if err != nil || len(signature) != 64 {
		t.Fatalf("a signature of %d bytes, %v", len(signature), err)
	}
	sum := sha256.Sum256([]byte(part[0] + "." + part[1]))
	if !ecdsa.Verify(public, sum[:], new(big.Int).SetBytes(signature[:32]), new(big.Int).SetBytes(signature[32:])) {
		t.Error("the signature is wrong")
	}
	text, err := base64.RawURLEncoding.DecodeString(part[1])
	if err != nil {
		t.Fatal(err)
	}
	var claims struct {
		Aud, Sub string
		Exp      int64
	}
	if err := json.Unmarshal(text, &claims); err != nil {
		t.Fatal(err)
	}
	if claims.Aud != audience || claims.Sub != "mailto:office@acme.example" || claims.Exp != pushTime.Add(12*time.Hour).Unix() {
		t.Errorf("the claims are %+v", claims)
	}
}

func TestPushKeyFollowsFromTheSecret(t *testing.T) {
	key := func(secret string) string {
		push, err := notify.NewPush(nil, []byte(secret), "mailto:a@b.example", time.Now)
		if err != nil {
			t.Fatal(err)
		}
		return push.PublicKey()
	}
	first := key(strings.Repeat("a", 32))
	if again := key(strings.Repeat("a", 32)); again != first || key(strings.Repeat("b", 32)) == first {
		t.Error("the key does not follow from the secret")
	}
	key(strings.Repeat("\xff", 32)) // is no scalar of the curve
	if _, err := notify.NewPush(nil, []byte("short"), "", time.Now); err == nil {
		t.Error("a short secret was taken")
	}
}

func TestPushTellsASubscriptionThatEnded(t *testing.T) {
	status := http.StatusGone
	service, push := pushService(t, func(w http.ResponseWriter, r *http.Request) { w.WriteHeader(status) })
	b := newBrowser(t)
	for _, status = range []int{http.StatusGone, http.StatusNotFound} {
		if r := notify.Refused(push.Send(t.Context(), b.subscription(service.URL), hostile())); r == nil || !r.Gone {
			t.Errorf("%d: %v", status, r)
		}
	}
	status = http.StatusTooManyRequests
	if err := push.Send(t.Context(), b.subscription(service.URL), hostile()); err == nil || notify.Refused(err) != nil {
		t.Errorf("%d: %v", status, err)
	}
}

func TestPushRefusesWhatIsNoSubscription(t *testing.T) {
	service, push := pushService(t, nil)
	for _, to := range []string{
		"", "{}", `{"endpoint":"http://push.example"}`, `{"endpoint":"` + service.URL + `"}`,
		`{"endpoint":"` + service.URL + `","keys":{"p256dh":"AAAA","auth":"AAAA"}}`,
		strings.Replace(newBrowser(t).subscription(service.URL), `"auth":"`, `"auth":"AAAA`, 1),
	} {
		if notify.Refused(push.Send(t.Context(), to, hostile())) == nil {
			t.Errorf("%q was not refused", to)
		}
	}
	if len(service.all()) != 0 {
		t.Error("something was sent")
	}
}

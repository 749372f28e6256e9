package smoke

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
)

// The demo as a new user meets it: one command, a browser, a call that nobody answers, the text, the
// answer, and a person who replies. Where REBOUND_SCREENSHOTS names a folder, pictures are left there.
func TestTheDemoInABrowserFromCallToReply(t *testing.T) {
	for name, size := range map[string][2]int{"desktop": {1440, 900}, "phone": {390, 844}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := openDemo(t, size[0], size[1])
			p.click("#screen-ready button.dial")
			p.sees("#screen-call", "ringing…")
			p.sees("#phones", "Dana")
			p.picture(name + "-1-ringing")
			time.Sleep(5 * time.Second) // somebody who hangs up within 4 s gets no text
			p.click("#screen-call button.hang")
			p.sees("#phone-body", "missed your call")
			p.sees("#thread", "Missed call")
			p.picture(name + "-2-texted")

			p.types("#phone-text", "My kitchen drain is clogged")
			p.click("#screen-texts .phone__in button")
			p.sees("#thread", "My kitchen drain is clogged")
			p.sees("#thread", "Clock started")
			p.sees("#log", "replied")
			p.picture(name + "-3-replied")

			p.types("#compose textarea", "Dana here. Is 3 PM good?")
			p.click("#compose button[type=submit]")
			p.sees("#phone-body", "Is 3 PM good?")
			p.sees("#thread", "Contact made")
			p.picture(name + "-4-answered")
		})
	}
}

func TestTheDemoLeavesAVoicemailThatPlays(t *testing.T) {
	t.Parallel()
	p := openDemo(t, 1440, 900)
	p.click("#screen-ready button.dial")
	for _, name := range []string{"Dana", "Luis", "Priya"} { // all decline, so that nobody has to wait for the ringing to end
		p.click("#phones button[aria-label='Decline on " + name + "’s phone']")
	}
	p.sees("#screen-call .rec", "Leave a message") // the greeting before it says so too
	time.Sleep(4 * time.Second)
	p.click("#screen-call button.hang")
	p.sees("#thread", "left a voicemail")
	p.sees("#phone-body", "got your voicemail")
	p.until("the sound can be played", `new Promise(done => { const a = document.querySelector('#thread audio'); if (!a) return done(false); if (a.duration > 1) return done(true); a.addEventListener('loadedmetadata', () => done(a.duration > 1)); a.load() })`)
	p.picture("desktop-5-voicemail")
}

// demo is a browser on a running demo.
type demo struct {
	t   *testing.T
	ctx context.Context
}

func openDemo(t *testing.T, width, height int) *demo {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 3*time.Minute)
	t.Cleanup(cancel)
	program := exec.Command(os.Getenv("REBOUND_TEST_BINARY"), "demo", "--listen", "127.0.0.1:0")
	out, err := program.StdoutPipe()
	if err == nil {
		err = program.Start()
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = program.Process.Signal(syscall.SIGTERM)
		if err := program.Wait(); err != nil {
			t.Errorf("the demo ended with %v", err)
		}
	})
	address := ""
	for lines := bufio.NewScanner(out); address == "" && lines.Scan(); {
		_, address, _ = strings.Cut(lines.Text(), "listens on ")
	}
	options := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.ExecPath("chromium"), chromedp.NoSandbox, chromedp.WindowSize(width, height))
	allocator, cancel := chromedp.NewExecAllocator(ctx, options...)
	t.Cleanup(cancel)
	browser, cancel := chromedp.NewContext(allocator)
	t.Cleanup(cancel)
	d := &demo{t, browser}
	d.run("open "+address, chromedp.EmulateViewport(int64(width), int64(height)), chromedp.Navigate(address))
	d.until("the page is live", `document.getElementById('live').innerText === 'Live'`)
	return d
}

func (d *demo) run(what string, actions ...chromedp.Action[chromedp.Void]) {
	d.t.Helper()
	if err := chromedp.Do(d.ctx, actions...); err != nil {
		d.t.Fatalf("%s: %v", what, err)
	}
}

func (d *demo) until(what, script string) {
	d.t.Helper()
	ctx, cancel := context.WithTimeout(d.ctx, time.Minute)
	defer cancel()
	if err := chromedp.Do(ctx, chromedp.Poll[chromedp.Void](script, chromedp.WithPollingInterval(50*time.Millisecond), chromedp.WithPollingTimeout(0))); err != nil {
		page, _ := chromedp.Run(d.ctx, chromedp.Evaluate[string](`document.getElementById('main').innerText`))
		d.t.Fatalf("%s: %v; the page says:\n%s", what, err, page)
	}
}

func (d *demo) sees(where, text string) {
	d.t.Helper()
	d.until(fmt.Sprintf("%s says %q", where, text), fmt.Sprintf(`(document.querySelector(%q)?.textContent || '').includes(%q)`, where, text))
}

func (d *demo) click(what string) {
	d.t.Helper()
	d.until(what+" is there", fmt.Sprintf(`!!document.querySelector(%q)`, what))
	d.run("click "+what, chromedp.Evaluate[chromedp.Void](fmt.Sprintf(`document.querySelector(%q).click()`, what)))
}

func (d *demo) types(where, text string) {
	d.t.Helper()
	d.until(where+" is there", fmt.Sprintf(`!!document.querySelector(%q)`, where))
	d.run("type into "+where, chromedp.SendKeys(chromedp.CSS(where), text))
}

func (d *demo) picture(name string) {
	d.t.Helper()
	folder := os.Getenv("REBOUND_SCREENSHOTS")
	if folder == "" {
		return
	}
	png, err := chromedp.Run(d.ctx, chromedp.CaptureScreenshot())
	if err != nil {
		d.t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(folder, name+".png"), png, 0o600); err != nil {
		d.t.Error(err)
	}
}

package config

import (
	"errors"
	"fmt"
	"net"
	"net/mail"
	"net/netip"
	"net/url"
	"strconv"
	"strings"
)

// key is one setting: `listen` in the file, REBOUND_LISTEN in the environment, --listen on the
// command line.
type key struct {
	name     string
	usage    string // for the flag; the word in backquotes names its value
	fallback string // the default, as it would be written
	flagless bool   // no flag: other users of the machine can read command lines
	set      func(c *Config, text string) error
	show     func(c Config) string // with secrets hidden
}

func (k key) variable() string { return environmentPrefix + strings.ToUpper(k.name) }

func (k key) flag() string { return strings.ReplaceAll(k.name, "_", "-") }

// keys is every setting, in the order of the documentation.
func keys() []key {
	return append([]key{
		{
			name: "data", fallback: "./data", usage: "`folder` for the database file, pictures and recordings (default ./data)",
			set:  func(c *Config, text string) error { c.Data = text; return filled(text) },
			show: func(c Config) string { return c.Data },
		},
		{
			name: "database", usage: "PostgreSQL `address`, like postgres://user@host/name (default: a SQLite file in the data folder)",
			set: setDatabase, show: showDatabase,
		},
		{
			name: "listen", fallback: "127.0.0.1:8080", usage: "`host:port` to serve on (default 127.0.0.1:8080)",
			set: setListen, show: func(c Config) string { return c.Listen },
		},
		{
			name: "public_url", usage: "https `address` at which carriers reach this server",
			set: setPublicURL, show: func(c Config) string { return c.PublicURL },
		},
		{
			name: "log_level", fallback: "info", usage: "least `level` to log: debug, info, warn or error (default info)",
			set: setLogLevel, show: func(c Config) string { return strings.ToLower(c.LogLevel.String()) },
		},
		{
			name: "log_format", fallback: "text", usage: "log `format`: text or json (default text)",
			set: setLogFormat, show: func(c Config) string { return c.LogFormat },
		},
		{
			name: "password", flagless: true,
			set: setPassword, show: func(c Config) string { return c.Password.String() },
		},
		{
			name: "password_file", usage: "`file` that holds the password for the pages",
			set:  func(*Config, string) error { return nil }, // Load reads it when it knows all else
			show: func(Config) string { return "" },
		},
		{
			name: "metrics_token", flagless: true,
			set: setMetricsToken, show: func(c Config) string { return c.MetricsToken.String() },
		},
		{
			name: "media_max_bytes", fallback: "5242880", usage: "largest picture or recording to keep, in `bytes` (default 5242880)",
			set: func(c *Config, text string) error {
				n, err := integer(text, 100_000, 100_000_000)
				c.MediaMaxBytes = int64(n)
				return err
			},
			show: func(c Config) string { return strconv.FormatInt(c.MediaMaxBytes, 10) },
		},
		{
			name: "raw_event_days", fallback: "30", usage: "how many `days` carriers' requests are kept as they came (default 30)",
			set: func(c *Config, text string) (err error) {
				c.RawEventDays, err = integer(text, 1, 3650)
				return err
			},
			show: func(c Config) string { return strconv.Itoa(c.RawEventDays) },
		},
		{
			name: "outbound_allow", usage: "private `networks` that webhooks may lead to, like 10.1.0.0/16, with commas (default none)",
			set: setOutboundAllow, show: showOutboundAllow,
		},
		{
			name: "send_workers", fallback: "256", usage: "`number` of texts that may be on their way to carriers at once (default 256)",
			set: func(c *Config, text string) (err error) {
				c.SendWorkers, err = integer(text, 1, 1024)
				return err
			},
			show: func(c Config) string { return strconv.Itoa(c.SendWorkers) },
		},
		{
			name: "transcription_url", usage: "`address` of a service that speaks OpenAI's protocol, like https://api.openai.com/v1 (default: voicemails are not transcribed)",
			set: setTranscriptionURL, show: func(c Config) string { return c.TranscriptionURL },
		},
		{
			name: "transcription_key", flagless: true,
			set: setTranscriptionKey, show: func(c Config) string { return c.TranscriptionKey.String() },
		},
		{
			name: "transcription_key_file", usage: "`file` that holds the key for that service",
			set:  func(*Config, string) error { return nil }, // as password_file
			show: func(Config) string { return "" },
		},
		{
			name: "transcription_model", fallback: "whisper-1", usage: "`model` that the service is asked for (default whisper-1)",
			set:  func(c *Config, text string) error { c.TranscriptionModel = text; return filled(text) },
			show: func(c Config) string { return c.TranscriptionModel },
		},
	}, mailKeys()...)
}

// mailKeys are the settings of how mail leaves.
func mailKeys() []key {
	return []key{
		{
			name: "smtp_url", usage: "mail server's `address`, like smtp://user@mail.example.com or smtps://… (default: no mail is sent)",
			set: setSMTPURL, show: func(c Config) string { return c.SMTPURL },
		},
		{
			name: "smtp_password", flagless: true,
			set: setSMTPPassword, show: func(c Config) string { return c.SMTPPassword.String() },
		},
		{
			name: "smtp_password_file", usage: "`file` that holds the mail server's password",
			set:  func(*Config, string) error { return nil }, // Load reads it when it knows all else
			show: func(Config) string { return "" },
		},
		{
			name: "mail_from", usage: "`sender` of mail, like \"Acme Plumbing <office@acme.example>\"",
			set: setMailFrom, show: func(c Config) string { return c.MailFrom },
		},
	}
}

func filled(text string) error {
	if strings.TrimSpace(text) == "" {
		return errors.New("it is empty; write a value, or leave the setting out")
	}
	return nil
}

func integer(text string, least, most int) (int, error) {
	n, err := strconv.Atoi(strings.ReplaceAll(text, "_", ""))
	if err != nil || n < least || n > most {
		return 0, fmt.Errorf("%q is not possible; write a whole number from %d to %d", text, least, most)
	}
	return n, nil
}

// setDatabase never repeats what was written: it may hold a password.
func setDatabase(c *Config, text string) error {
	c.Database = text
	if text == "" {
		return nil
	}
	u, err := url.Parse(text)
	if err != nil || u.Scheme != "postgres" && u.Scheme != "postgresql" || u.Path == "" || u.Path == "/" {
		return errors.New("this is not the address of a PostgreSQL database; write postgres://user:password@host/name, or leave it out for SQLite in the data folder")
	}
	return nil
}

func showDatabase(c Config) string {
	if c.Database == "" {
		return "SQLite at " + c.DatabaseFile()
	}
	u, err := url.Parse(c.Database)
	if err != nil {
		return "(hidden)"
	}
	q := u.Query()
	if q.Has("password") {
		q.Set("password", "xxxxx")
		u.RawQuery = q.Encode()
	}
	return u.Redacted()
}

func setListen(c *Config, text string) error {
	c.Listen = text
	_, port, err := net.SplitHostPort(text)
	if err == nil {
		_, err = strconv.ParseUint(port, 10, 16)
	}
	if err != nil {
		return fmt.Errorf("%q is not host:port; write 127.0.0.1:8080, or :8080 for every interface", text)
	}
	return nil
}

// setPublicURL takes what signatures can be checked against: a bare origin. Carriers refuse host
// names with an underscore (CARRIERS.md 1.10).
func setPublicURL(c *Config, text string) error {
	c.PublicURL = strings.TrimRight(text, "/")
	if text == "" {
		return nil
	}
	u, err := url.Parse(text)
	switch {
	case err != nil || u.Hostname() == "" || u.Scheme != "https" && u.Scheme != "http":
		return fmt.Errorf("%q is not an address; write it like https://rebound.example.com", text)
	case u.Scheme == "http" && !isLoopback(u.Hostname()):
		return errors.New("callers' words must not travel in the clear; use https (plain http is for addresses of this machine only)")
	case strings.Trim(u.Path, "/") != "" || u.RawQuery != "" || u.Fragment != "" || u.User != nil:
		return fmt.Errorf("it must end after the host; write %s://%s and give Rebound a host name of its own", u.Scheme, u.Host)
	case strings.Contains(u.Hostname(), "_"):
		return errors.New("carriers refuse host names with an underscore; use another name")
	}
	return nil
}

func isLoopback(host string) bool {
	if host == "localhost" {
		return true
	}
	ip := net.ParseIP(host)
	return ip != nil && ip.IsLoopback()
}

func setOutboundAllow(c *Config, text string) error {
	c.OutboundAllow = nil
	if text == "" {
		return nil
	}
	for part := range strings.SplitSeq(text, ",") {
		network, err := netip.ParsePrefix(strings.TrimSpace(part))
		if err != nil {
			return fmt.Errorf("%q is not a network; write it like 10.1.0.0/16, several with commas", part)
		}
		c.OutboundAllow = append(c.OutboundAllow, network.Masked())
	}
	return nil
}

func showOutboundAllow(c Config) string {
	var networks []string
	for _, n := range c.OutboundAllow {
		networks = append(networks, n.String())
	}
	return strings.Join(networks, ", ")
}

func setLogLevel(c *Config, text string) error {
	switch text {
	case "debug", "info", "warn", "error":
		return c.LogLevel.UnmarshalText([]byte(text))
	}
	return fmt.Errorf("%q is no level; write debug, info, warn or error", text)
}

func setLogFormat(c *Config, text string) error {
	c.LogFormat = text
	if text != "text" && text != "json" {
		return fmt.Errorf("%q is no format; write text or json", text)
	}
	return nil
}

// setPassword asks for a length that guessing over the network does not reach.
func setPassword(c *Config, text string) error {
	const least = 12
	c.Password = Secret(text)
	if text != "" && len([]rune(text)) < least {
		return fmt.Errorf("the password is too short; use %d characters or more", least)
	}
	return nil
}

// setMetricsToken asks for what guessing over the network does not reach and a header can hold.
func setMetricsToken(c *Config, text string) error {
	const least = 16
	c.MetricsToken = Secret(text)
	if text != "" && (len(text) < least || strings.ContainsFunc(text, func(r rune) bool { return r <= ' ' || r >= 0x7f })) {
		return fmt.Errorf("the token is too short or holds blanks; use %d letters and digits or more", least)
	}
	return nil
}

// setSMTPURL never repeats what was written: it may hold a password, which belongs under smtp_password.
func setSMTPURL(c *Config, text string) error {
	c.SMTPURL = text
	if text == "" {
		return nil
	}
	u, err := url.Parse(text)
	if err != nil || u.Scheme != "smtp" && u.Scheme != "smtps" || u.Hostname() == "" || strings.Trim(u.Path, "/") != "" {
		return errors.New("this is not the address of a mail server; write it like smtp://user@mail.example.com")
	}
	if _, has := u.User.Password(); has {
		return errors.New("the address holds a password; write that under smtp_password or smtp_password_file")
	}
	return nil
}

func setSMTPPassword(c *Config, text string) error {
	c.SMTPPassword = Secret(text)
	return nil
}

func setMailFrom(c *Config, text string) error {
	c.MailFrom = text
	if _, err := mail.ParseAddress(text); err != nil && text != "" {
		return fmt.Errorf("%q is not a sender; write it like Acme Plumbing <office@acme.example>", text)
	}
	return nil
}

// setTranscriptionURL takes what /audio/transcriptions can be added to. Plain http is for a service in the same network.
func setTranscriptionURL(c *Config, text string) error {
	c.TranscriptionURL = strings.TrimRight(text, "/")
	u, err := url.Parse(text)
	if text != "" && (err != nil || u.Host == "" || u.Scheme != "https" && u.Scheme != "http" || u.RawQuery != "" || u.Fragment != "" || u.User != nil) {
		return errors.New("this is not the address of a service; write it like https://api.openai.com/v1, and its key under transcription_key")
	}
	return nil
}

func setTranscriptionKey(c *Config, text string) error {
	c.TranscriptionKey = Secret(text)
	if strings.ContainsFunc(text, func(r rune) bool { return r <= ' ' || r >= 0x7f }) {
		return errors.New("the key holds a blank or a sign that no key has; copy it anew")
	}
	return nil
}

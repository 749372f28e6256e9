package rebound

import (
	"fmt"
	"time"
)

// Span writes a duration as people read it: "40 s", "12 m", "2 m 40 s" below ten minutes, "1 h 16 m",
// with no-break spaces.
func Span(d time.Duration) string {
	const gap = "\u00a0"
	d = max(d, 0).Truncate(time.Second)
	h, m, s := int(d.Hours()), int(d.Minutes())%60, int(d.Seconds())%60
	switch {
	case h > 0 && m > 0:
		return fmt.Sprintf("%d%sh%s%d%sm", h, gap, gap, m, gap)
	case h > 0:
		return fmt.Sprintf("%d%sh", h, gap)
	case m >= 10 || m > 0 && s == 0:
		return fmt.Sprintf("%d%sm", m, gap)
	case m > 0:
		return fmt.Sprintf("%d%sm%s%d%ss", m, gap, gap, s, gap)
	}
	return fmt.Sprintf("%d%ss", s, gap)
}

// SpanInWords writes a time of waiting in whole words, as alerts say it and voices read it: "30 minutes",
// "1 hour 5 minutes", "less than a minute".
func SpanInWords(d time.Duration) string {
	count := func(n int, unit string) string {
		if n == 1 {
			return "1 " + unit
		}
		return fmt.Sprintf("%d %ss", n, unit)
	}
	switch h, m := int(d.Hours()), int(d.Minutes())%60; {
	case d < time.Minute:
		return "less than a minute"
	case h == 0:
		return count(m, "minute")
	case m == 0:
		return count(h, "hour")
	default:
		return count(h, "hour") + " " + count(m, "minute")
	}
}

package rebound

import "iter"

// Declaration is everything a business has declared about itself: what business.yaml says and what
// `rebound apply` compares and writes. Ids are the keys written there ("ana", "main"), a
// connection's id is "<business>.<key>", so the same file always means the same rows.
type Declaration struct {
	Business    Business
	Connections []Connection
	Members     []Member
	Teams       []Team
	Routes      []Route
	Lines       []Line
	Blocked     []BlockedNumber
	VIPs        []VIPNumber
}

// Greetings goes through the greetings of lines and routes, each with the words for where it stands.
func (d Declaration) Greetings() iter.Seq2[string, Greeting] {
	return func(yield func(string, Greeting) bool) {
		for _, l := range d.Lines {
			if !yield("Line "+string(l.ID), l.Greeting) {
				return
			}
		}
		for _, r := range d.Routes {
			for s := range r.Steps {
				if !yield("Route "+string(r.ID), s.Greeting) {
					return
				}
			}
		}
	}
}

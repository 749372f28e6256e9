package rebound

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
	Webhooks    []Webhook
}

package rebound_test

import (
	"slices"
	"testing"

	"rebound"
)

func TestMentions(t *testing.T) {
	members := []rebound.Member{
		{ID: "ana", Name: "Ana Ruiz"}, {ID: "ben", Name: "Ben Okafor"}, {ID: "ben-2", Name: "Ben Ito"}, {ID: "zoe", Name: "Zoë"},
	}
	for _, test := range []struct {
		text string
		want []rebound.MemberID
	}{
		{"@Ana can you?", []rebound.MemberID{"ana"}},
		{"@ana ruiz, @BEN ITO.", []rebound.MemberID{"ana", "ben-2"}},
		{"@ben", []rebound.MemberID{"ben"}}, // an id, though two have the first name
		{"@Ben-2 and (@zoe)", []rebound.MemberID{"ben-2", "zoe"}},
		{"@Zoë!", []rebound.MemberID{"zoe"}},
		{"write to ana@ana.example", nil},
		{"@Anabel", nil},
		{"@ @@ @nobody @", nil},
		{"@ana@ana", []rebound.MemberID{"ana"}},
	} {
		var got []rebound.MemberID
		for _, m := range rebound.Mentions(test.text, members) {
			got = append(got, m.Member)
			if test.text[m.From] != '@' || m.To <= m.From {
				t.Errorf("%q: a mention at %d to %d", test.text, m.From, m.To)
			}
		}
		if !slices.Equal(got, test.want) {
			t.Errorf("%q names %v, want %v", test.text, got, test.want)
		}
	}
}

func FuzzMentions(f *testing.F) {
	f.Add("@Zoë @ana\xff@")
	f.Fuzz(func(t *testing.T, text string) {
		last := 0
		for _, m := range rebound.Mentions(text, []rebound.Member{{ID: "ana", Name: "Ana"}, {ID: "zoe", Name: "Zoë"}}) {
			if m.From < last || m.To > len(text) || text[m.From] != '@' {
				t.Fatalf("%q: %+v", text, m)
			}
			last = m.To
		}
	})
}

package sms

import (
	"regexp"
	"slices"
	"strings"
	"sync"
)

// judge is the intent of a text in sentences. One plain sentence decides; a bare
// "stop" among others ("Stop. I found someone else") needs a second sign.
func judge(clauses []string) Intent {
	g := grammar()
	if g.stopItself.in(strings.Join(clauses, " ")) {
		return OptOut
	}
	var bareStop, likely, noCalls, textsWelcome bool
	for _, clause := range clauses {
		bareStop = bareStop || g.stopItself.in(clause) || g.stopFirst.in(clause)
		textsWelcome = textsWelcome || g.textInstead.in(clause)
		clause = g.direct(clause)
		if g.says(clause, g.optOut...) {
			return OptOut
		}
		likely = likely || g.says(clause, g.likely...)
		noCalls = noCalls || g.says(clause, g.noCalls)
	}
	likely = likely || noCalls && !textsWelcome
	switch {
	case bareStop && likely:
		return OptOut
	case bareStop || likely:
		return LikelyOptOut
	}
	return None
}

// rules are the tables of grammar.go, compiled. Each is searched within one clause.
type rules struct {
	courtesy    *regexp.Regexp
	stopItself  search
	stopFirst   search
	textInstead search
	toldYou     search
	neverStop   search
	innocent    search
	optOut      []search
	likely      []search
	noCalls     search
}

// grammar is compiled at the first text, so that a program without texts does
// not pay for it.
var grammar = sync.OnceValue(func() *rules {
	return &rules{
		courtesy:    regexp.MustCompile(courtesies),
		stopItself:  compile(stopItself()),
		stopFirst:   compile(stopFirst()),
		textInstead: compile(textInstead()),
		toldYou:     compile(toldYou()),
		neverStop:   compile(neverStop()),
		innocent:    compile(innocents()),
		optOut:      compileAll(optOutTopics()),
		likely:      compileAll(likelyTopics()),
		noCalls:     compile(noCalls()),
	}
})

// search is a compiled topic. The cues spare nearly every clause the expressions.
type search struct {
	cues      []string
	sentences []*regexp.Regexp
}

func compile(t topic) search {
	s := search{cues: strings.Fields(t.cues)}
	for _, template := range t.sentences {
		s.sentences = append(s.sentences, regexp.MustCompile(expandClasses(template)))
	}
	return s
}

func compileAll(topics []topic) []search {
	all := make([]search, len(topics))
	for i, t := range topics {
		all[i] = compile(t)
	}
	return all
}

func (s search) in(clause string) bool {
	return s.cued(clause) && slices.ContainsFunc(s.sentences, func(r *regexp.Regexp) bool { return r.MatchString(clause) })
}

func (s search) cued(clause string) bool {
	return slices.ContainsFunc(s.cues, func(cue string) bool { return strings.Contains(clause, cue) })
}

// replaceIn replaces what s finds in clause.
func (s search) replaceIn(clause, with string) string {
	if s.cued(clause) {
		for _, r := range s.sentences {
			clause = r.ReplaceAllString(clause, with)
		}
	}
	return clause
}

// direct is clause with reported orders made direct.
func (g *rules) direct(clause string) string {
	return g.neverStop.replaceIn(g.toldYou.replaceIn(clause, "$1"), "$1")
}

// says reports whether clause holds a sentence of one of the topics even when
// its innocent phrases are crossed out. To cross out only takes away, so what is
// not found before it need not be looked for after it.
func (g *rules) says(clause string, topics ...search) bool {
	found := func(t search) bool { return t.in(clause) }
	if !slices.ContainsFunc(topics, found) {
		return false
	}
	clause = g.innocent.replaceIn(clause, " … ")
	return slices.ContainsFunc(topics, found)
}

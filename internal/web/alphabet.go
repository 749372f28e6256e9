package web

import (
	"encoding/json"

	"rebound/internal/sms"
)

// alphabet is a script that tells the page's counter what package sms knows, so that there is one list of
// characters and not two: window.reboundAlphabet = {one, two, plain}. "one" are the characters that take
// one unit of a GSM-7 text, "two" those that take two, "plain" what is made of typographic signs before
// anything is counted.
func alphabet() []byte {
	var one, two []rune
	plain := map[string]string{}
	for r := rune(0); r <= 0xffff; r++ {
		if r >= 0xd800 && r <= 0xdfff { // surrogates are no characters
			continue
		}
		s := string(r)
		if straight := sms.Straighten(s); straight != s {
			plain[s] = straight
			continue
		}
		switch c := sms.Segments(s); {
		case c.Encoding == sms.GSM7 && c.Units == 1:
			one = append(one, r)
		case c.Encoding == sms.GSM7:
			two = append(two, r)
		}
	}
	text, err := json.Marshal(map[string]any{"one": string(one), "two": string(two), "plain": plain})
	if err != nil {
		panic("web: an alphabet cannot be written: " + err.Error())
	}
	return append(append([]byte("window.reboundAlphabet = "), text...), ";\n"...)
}

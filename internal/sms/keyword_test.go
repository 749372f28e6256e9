package sms

import "testing"

func TestCarrierKeyword(t *testing.T) {
	for body, want := range map[string]bool{
		"STOP": true, " stop ": true, "Cancel": true, "start": true, "YES": true, "help": true,
		"stop please": false, "STOP.": false, "arret": false, "": false, "yes please come": false,
	} {
		if got := CarrierKeyword(body); got != want {
			t.Errorf("CarrierKeyword(%q) = %v", body, got)
		}
	}
}

func TestBareCancel(t *testing.T) {
	for body, want := range map[string]bool{
		"Cancel": true, "CANCEL!": true, "cancel please": true, "Please cancel": true,
		"cancel my appointment": false, "stop": false, "": false,
	} {
		if got := BareCancel(body); got != want {
			t.Errorf("BareCancel(%q) = %v", body, got)
		}
	}
}

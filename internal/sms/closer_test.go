package sms

import "testing"

func TestCloser(t *testing.T) {
	closers := []string{
		"thanks", "Thanks!", "THANK YOU", "thx", "ty", "Thank you so much", "thanks a lot!!", "Ok", "ok.", "K", "kk", "okay", "Ok thanks", "ok thank you", "Okay, sounds good", "Perfect, thanks!", "Great", "great thanks so much", "got it", "Got it, thank you", "Sounds good", "sounds good see you then", "see you tomorrow", "See ya", "Awesome!", "Will do", "no problem", "np", "No worries", "you too", "You’re welcome", "Have a great day!", "that's perfect", "That works for me", "Alright", "all set thanks", "cheers", "appreciate it", "Thanks for your help", "thanks for getting back to me", "thank you sir", "No thanks", "bye", "lol ok",
		"👍", "👍🏻", "👍👍👍", "🙏", "Thanks 🙏", "ok 👍", "❤️", "👌🏽", "😊",
		"Gracias", "Muchas gracias!", "ok gracias", "Vale", "de nada", "Merci", "merci beaucoup", "D'accord", "Parfait, merci", "Obrigado", "muito obrigada", "Beleza",
		"Thanks\n-- Bob", "ok\n> see you at 9",
		"Liked “See you at 9”", "Loved \"Thanks for calling\"", "👍 to “See you at 9”", "Reacted ❤️ to “On our way”", "Liked an image", "A aimé « À demain »",
	}
	open := []string{
		"", " ", "...", "!", "yes", "Yes please", "no", "nope", "ok when can you come?", "ok?", "Thanks?", "thanks, when?", "ok but how much", "Ok I'll be home at 5", "thanks but it is still leaking", "great, come at 9", "Thanks for nothing, it broke again", "thank you, also the sink", "k9 unit", "call me", "Hello", "hi", "and", "so much", "sir", "tomorrow", "1", "9am", "ok 9am", "ok call me", "STOP", "stop thanks", "cancel thanks", "never mind", "help", "👎", "😡", "ok 😡", "🔥", "🆘", "💧💧", "🤷", "not good", "no good", "not ok", "¿ok?", "hasta mañana a las 9",
		"Questioned “See you at 9”", "Disliked “See you at 9”", "👎 to “See you at 9”", "Emphasized “Is the water off?”", "Removed a like from “ok”", "\"ok\" he said", "He said \"thanks\"", "Liked",
	}
	for _, text := range closers {
		if !Closer(text) {
			t.Errorf("Closer(%q) = false, want true", text)
		}
	}
	for _, text := range open {
		if Closer(text) {
			t.Errorf("Closer(%q) = true, want false", text)
		}
	}
}

// A text that refuses or asks for something never closes.
func TestCloserAndClassifyAgree(t *testing.T) {
	for _, e := range examples(t) {
		if (e.want == OptOut || e.want == LikelyOptOut || e.want == Help) && Closer(e.text) {
			t.Errorf("Closer(%q) = true, but it means %s", e.text, e.want)
		}
	}
}

package twilio

import (
	"strconv"

	"rebound/internal/carrier"
)

// Explain tells the consequence of one of Twilio's error codes, from a refused request or a failed
// delivery, and what a person reads about it. It knows an answer to every code, also to none.
func Explain(code string) carrier.Remedy {
	if r, ok := remedies(code); ok {
		return r
	}
	n, err := strconv.Atoi(code)
	switch {
	case code == "":
		return carrier.Remedy{Class: carrier.RepeatOnce, Words: "The carrier could not deliver this text and gave no reason. Call instead if it fails again."}
	case err != nil:
		return carrier.Remedy{Class: carrier.OurBug, Words: "The carrier answered with a code that Rebound does not know. Call instead."}
	case n >= 21000 && n < 22000: // a parameter of the request, most often the number
		return carrier.Remedy{Class: carrier.Permanent, Words: "The carrier refuses to text this number. Call instead."}
	case n >= 30000 && n < 31000: // delivery
		return carrier.Remedy{Class: carrier.Permanent, Words: "The text could not be delivered. Call instead."}
	case n >= 10000 && n < 21000, n >= 60000: // account, access, products
		return carrier.Remedy{Class: carrier.ConfigAlarm, Words: "The carrier refuses this account's request. Look at the account in the carrier's console, and call instead."}
	}
	return carrier.Remedy{Class: carrier.OurBug, Words: "The carrier did not accept the request. Call instead."}
}

var _ carrier.Explain = Explain

// remedies is the table of CARRIERS.md 2.c, and a few codes beside it from Twilio's error pages.
func remedies(code string) (carrier.Remedy, bool) {
	yes := func(class carrier.Class, words string) (carrier.Remedy, bool) {
		return carrier.Remedy{Class: class, Words: words}, true
	}
	switch code {
	// The account and its access.
	case "20003":
		return yes(carrier.ConfigAlarm, "The carrier does not accept this connection's credentials. Nothing can be sent until they are mended.")
	case "20404":
		return yes(carrier.ConfigAlarm, "The carrier does not know this account. Check the connection's account id.")
	case "20429":
		return yes(carrier.Repeat, "The carrier is asked too much at once. The text is sent again in a moment.")
	case "20503":
		return yes(carrier.Repeat, "The carrier is out of service for the moment. The text is sent again.")
	case "30002":
		return yes(carrier.ConfigAlarm, "The carrier has suspended the account. Nothing can be sent until that is settled with it.")
	case "63038":
		return yes(carrier.Hold, "The account has used up the carrier's daily number of texts. It is counted over the last 24 hours.")
	case "572002", "572006", "21608":
		return yes(carrier.ConfigAlarm, "A trial account may text only numbers that were verified with the carrier. Upgrade the account, or verify this number.")

	// The number that it goes to.
	case "21211", "21217":
		return yes(carrier.Permanent, "The carrier says this is not a valid number. Call instead, if it can be called.")
	case "21614":
		return yes(carrier.Permanent, "The carrier says this number cannot get texts. Call instead.")
	case "21635", "30006":
		return carrier.Remedy{Class: carrier.Permanent, Landline: true, Words: "The carrier says this number is a landline. Call instead."}, true
	case "21612":
		return yes(carrier.Permanent, "The carrier cannot text this number from the line's number. Call instead.")
	case "21610":
		return yes(carrier.OptedOut, "This person has opted out of texts from this number. They can still be called.")
	case "21408":
		return yes(carrier.ConfigAlarm, "The account may not text this country. Switch it on in the carrier's geographic permissions, and call instead.")
	case "30003":
		return yes(carrier.RepeatOnce, "The phone is switched off or out of reach. The text is tried once more; then call.")
	case "30004":
		return yes(carrier.Permanent, "The phone or its network blocks this text. Call instead.")
	case "30005":
		return yes(carrier.Permanent, "The number is not in use, or its network does not know it. Call to make sure.")

	// The number that it comes from.
	case "21606", "21212":
		return yes(carrier.ConfigAlarm, "The line's number cannot send texts to this destination. Check the number at the carrier.")
	case "21603", "21660":
		return yes(carrier.ConfigAlarm, "The line's number does not belong to the connection's account. Check both at the carrier.")
	case "30032":
		return yes(carrier.ConfigAlarm, "The toll-free number is not verified yet. The carrier blocks its texts until it is.")
	case "30034":
		return yes(carrier.ConfigAlarm, "The line's number is not registered for business texting (10DLC). US carriers block its texts until it is.")

	// The text.
	case "21602", "21604", "21617", "21624", "90007":
		return yes(carrier.OurBug, "The carrier did not take this text as it is: it is empty or too long.")
	case "21609":
		return yes(carrier.ConfigAlarm, "The carrier cannot use our public address for receipts. Check public_url.")
	case "30007":
		return yes(carrier.Filtered, "The carrier took this text for spam. Do not send the same words again; call, or write something of your own.")
	case "30450", "30610", "30640":
		return yes(carrier.Filtered, "The carrier refuses this text by its rules. Do not send the same words again; call instead.")

	// Pace.
	case "21611", "30001":
		return yes(carrier.Hold, "More texts are waiting at the carrier than it can send in ten hours. This one is held back.")
	case "30022", "30023", "30027":
		return yes(carrier.Hold, "The line has used up the texts that US carriers allow it for now. This one is held back.")
	case "30036":
		return yes(carrier.Hold, "The text waited so long at the carrier that it was dropped. It did not arrive.")
	case "30008":
		return yes(carrier.RepeatOnce, "The network could not deliver the text and does not say why. It is tried once more; then call.")
	case "30410":
		return yes(carrier.RepeatOnce, "The phone's network did not answer in time. The text is tried once more; then call.")
	}
	return carrier.Remedy{}, false
}

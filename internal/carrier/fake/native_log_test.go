package fake

import (
	"errors"
	"reflect"
	"testing"
	"testing/synctest"
	"time"

	"rebound"
	"rebound/internal/carrier"
)

func TestLogInReboundsWords(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n, _ := connected(ringThenVoicemail(rebound.Cell, ana), Connection{})
		defer n.Close()
		n.Connect(mainLine+"9", Connection{ID: "conn"})
		x, person := n.Carrier("conn"), n.Phone(caller)
		early := person.Calls(mainLine).HangsUp()
		<-early.Done()
		time.Sleep(time.Hour)
		since := time.Now()
		call := person.Calls(mainLine).LeavesVoicemail(3*time.Second, nil)
		<-call.Done()
		text := person.Texts(mainLine, "look", Picture{"image/png", []byte("png")})
		person.Texts(mainLine+"9", "to another line")
		if _, err := x.Send(t.Context(), carrier.Text{From: mainLine, To: mainLine, Body: "not from outside"}); err != nil {
			t.Error(err)
		}
		log, err := x.Since(t.Context(), mainLine, since)
		if err != nil || len(log.Calls) != 1 || log.Calls[0] != (carrier.Entry{ID: call.ID, At: since}) || len(log.Texts) != 1 || log.Texts[0].ID != text {
			t.Errorf("the log has %+v, %v", log, err)
		}
		logged, err := x.Call(t.Context(), call.ID)
		if err != nil || logged.Recording.Duration != 3*time.Second || !logged.Began.Equal(since) || !logged.RecordedAt.Equal(logged.Ended) {
			t.Errorf("the call is %+v, %v", logged, err)
		}
		got, err := x.Text(t.Context(), text)
		if err != nil || got.Body != "look" || len(got.Media) != 1 || !got.At.Equal(log.Texts[0].At) {
			t.Errorf("the text is %+v, %v", got, err)
		}
		if _, err := x.Text(t.Context(), "text-0"); !errors.Is(err, carrier.ErrUnknown) {
			t.Errorf("an unknown text: %v", err)
		}
		n.ListLag(time.Hour)
		if log, err := x.Since(t.Context(), mainLine, since); err != nil || !reflect.DeepEqual(log, carrier.Log{}) {
			t.Errorf("a lagging log has %+v, %v", log, err)
		}
		n.ListsDown(true)
		if _, err := x.Since(t.Context(), mainLine, since); err == nil {
			t.Error("a log that is down answers")
		}
	})
}

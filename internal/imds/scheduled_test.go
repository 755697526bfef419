package imds_test

import (
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"reflect"
	"testing"
	"time"

	"github.com/tidegate/tidegate/internal/imds"
)

// scheduled is an answer with the shape of the documentation's examples: an event of two
// machines, one that has begun, and one with a time in another format.
const scheduled = `{"DocumentIncarnation":2,"Events":[
	{"EventId":"C7061BAC-AFDC-4513-B24B-AA5F13A16123","EventStatus":"Scheduled","EventType":"Freeze","ResourceType":"VirtualMachine",
	 "Resources":["WestNO_0","WestNO_1"],"NotBefore":"Mon, 11 Apr 2022 22:26:58 GMT","Description":"It is being paused.","EventSource":"Platform","DurationInSeconds":5},
	{"EventId":"E2","EventStatus":"Started","EventType":"Reboot","ResourceType":"VirtualMachine","Resources":["WestNO_2"],"NotBefore":"","EventSource":"User","DurationInSeconds":-1},
	{"EventId":"E3","EventStatus":"Scheduled","EventType":"Preempt","Resources":["WestNO_3"],"NotBefore":"soon"}]}`

func TestEvents(t *testing.T) {
	got, err := service(t, 200, scheduled).Events(t.Context())
	want := []imds.Event{
		{
			ID: "C7061BAC-AFDC-4513-B24B-AA5F13A16123", Type: imds.Freeze, Machines: []string{"WestNO_0", "WestNO_1"},
			NotBefore: time.Date(2022, 4, 11, 22, 26, 58, 0, time.UTC), Description: "It is being paused.",
		},
		{ID: "E2", Type: imds.Reboot, Machines: []string{"WestNO_2"}, Started: true, ByUser: true},
		{ID: "E3", Type: imds.Preempt, Machines: []string{"WestNO_3"}},
	}
	if err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("Events = %+v, %v", got, err)
	}
	if got, err := service(t, 200, `{"DocumentIncarnation":1,"Events":[]}`).Events(t.Context()); err != nil || len(got) > 0 {
		t.Errorf("without events: %v, %v", got, err)
	}
	if _, err := service(t, 503, "").Events(t.Context()); err == nil {
		t.Error("no error for a service that fails")
	}
}

func TestMachineName(t *testing.T) {
	if got, err := service(t, 200, `{"name":"WestNO_0","vmId":"1"}`).MachineName(t.Context()); got != "WestNO_0" || err != nil {
		t.Errorf("MachineName = %q, %v", got, err)
	}
	if _, err := service(t, 200, `{}`).MachineName(t.Context()); !errors.Is(err, imds.ErrUnknown) {
		t.Errorf("without a name: %v", err)
	}
}

func TestStartEvent(t *testing.T) {
	var got string
	s := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		got = r.Method + " " + r.URL.String() + " " + r.Header.Get("Metadata") + " " + string(body)
	}))
	defer s.Close()
	if err := imds.New(s.URL).StartEvent(t.Context(), "E1"); err != nil {
		t.Fatal(err)
	}
	if want := `POST /metadata/scheduledevents?api-version=2020-07-01 true {"StartRequests":[{"EventId":"E1"}]}`; got != want {
		t.Errorf("the request is %s\nwant %s", got, want)
	}
	if err := service(t, 400, "").StartEvent(t.Context(), "E1"); err == nil {
		t.Error("no error for a request that is refused")
	}
}

package gateway

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/tidegate/tidegate/internal/notify"
)

// eventsIn returns the events of a request: one whose ID the request has, or a batch.
func eventsIn(body []byte, header http.Header) ([]notify.Event, error) {
	switch kind, _, _ := strings.Cut(header.Get("Content-Type"), ";"); kind {
	case "application/cloudevents+json":
		var e notify.Event
		err := json.Unmarshal(body, &e)
		if err == nil && e.ID != header.Get("webhook-id") {
			err = errors.New("the request has another ID")
		}
		return []notify.Event{e}, err
	case "application/cloudevents-batch+json":
		var all []notify.Event
		err := json.Unmarshal(body, &all)
		if err == nil && (len(all) == 0 || header.Get("webhook-id") == "") {
			err = errors.New("the batch has no event or no ID")
		}
		return all, err
	}
	return nil, errors.New("the type is " + header.Get("Content-Type"))
}

// Uploads of several sessions share requests, each reply waits for the request with its event,
// and the receiver hears of each file once. An event that it does not accept holds up no other.
func TestEventsInBatches(t *testing.T) {
	h := startHook(t)
	r := startReloadable(t)
	r.reload(h.block("delivery = \"before_reply\"\nwait = \"5s\"\nbatch = 100\nbatch_wait = \"200ms\""))
	h.setAnswer(func(e notify.Event, _ int) int {
		if e.Data.Path == "/poison" {
			return http.StatusBadRequest
		}
		return http.StatusNoContent
	})
	const sessions = 6
	var clients sync.WaitGroup
	for n := range sessions {
		c, err := r.ftpAs("u", "pw")
		if err != nil {
			t.Fatal(err)
		}
		clients.Go(func() {
			path := fmt.Sprintf("/f%d", n)
			if n == 0 {
				path = "/poison"
			}
			if err := c.Put(path, strings.NewReader("1234")); err != nil {
				t.Errorf("%s: %v", path, err)
			}
		})
	}
	clients.Wait()
	var got []string
	for _, e := range h.take() {
		got = append(got, e.Data.Path)
	}
	slices.Sort(got)
	if want := []string{"/f1", "/f2", "/f3", "/f4", "/f5"}; !slices.Equal(got, want) {
		t.Errorf("with all replies the receiver has %q", got)
	}
	if s := r.events.Status(); len(s) != 1 || s[0].Waiting != 1 || s[0].Failed != 1 || !strings.Contains(s[0].Err, "400") || s[0].Lost != 0 {
		t.Errorf("the status is %+v", s)
	}
	h.setAnswer(func(notify.Event, int) int { return http.StatusNoContent }) // the end of the gateway waits for it
}

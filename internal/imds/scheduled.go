package imds

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"time"
)

const (
	eventsPath = "/metadata/scheduledevents?api-version=2020-07-01"
	namePath   = "/metadata/instance/compute?api-version=2021-02-01"
)

// EventType is the effect of an event.
type EventType string

// The types.
const (
	Freeze    EventType = "Freeze"    // the machine pauses for some seconds
	Reboot    EventType = "Reboot"    // it restarts
	Redeploy  EventType = "Redeploy"  // it restarts on another host
	Preempt   EventType = "Preempt"   // a Spot machine is deleted
	Terminate EventType = "Terminate" // a machine of a scale set is deleted
)

// Event is something that Azure is going to do with machines. There is one until it is over.
type Event struct {
	ID   string
	Type EventType
	// Machines are the names of the machines. An answer also has events of other machines of
	// the same scale set or availability set.
	Machines []string
	// Started is true when the event has begun.
	Started bool
	// NotBefore is when it begins at the earliest, zero for one that has begun or where that
	// is not known.
	NotBefore time.Time
	// ByUser is true when somebody has asked Azure for it.
	ByUser bool
	// Description is a sentence for people.
	Description string
}

// MachineName returns the name of this machine, which events have.
func (c *Client) MachineName(ctx context.Context) (string, error) {
	var answer struct{ Name string }
	if err := c.ask(ctx, namePath, &answer); err != nil {
		return "", err
	}
	if answer.Name == "" {
		return "", fmt.Errorf("%w the name of this machine", ErrUnknown)
	}
	return answer.Name, nil
}

// Events returns the events that are scheduled or have begun. The first answer for a machine,
// or for a scale set, can take two minutes, so the caller bounds the call.
func (c *Client) Events(ctx context.Context) ([]Event, error) {
	var answer struct {
		Events []struct {
			EventID     string `json:"EventId"`
			EventType   EventType
			EventStatus string
			EventSource string
			Resources   []string
			NotBefore   string
			Description string
		}
	}
	if err := c.get(ctx, eventsPath, &answer); err != nil {
		return nil, err
	}
	events := make([]Event, 0, len(answer.Events))
	for _, a := range answer.Events {
		e := Event{ID: a.EventID, Type: a.EventType, Machines: a.Resources, Started: a.EventStatus != "Scheduled", ByUser: a.EventSource == "User", Description: a.Description}
		// One time that is not understood must not hide the other events.
		if at, err := http.ParseTime(a.NotBefore); err == nil {
			e.NotBefore = at
		}
		events = append(events, e)
	}
	return events, nil
}

// StartEvent says that an event may begin before its time. It does so for all its machines.
func (c *Client) StartEvent(ctx context.Context, id string) error {
	type start struct {
		EventID string `json:"EventId"`
	}
	content, err := json.Marshal(struct{ StartRequests []start }{[]start{{id}}})
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, tryTimeout)
	defer cancel()
	_, err = c.send(ctx, http.MethodPost, eventsPath, bytes.NewReader(content))
	return err
}

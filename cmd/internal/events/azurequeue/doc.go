// Package azurequeue sends events to a queue of Azure Queue Storage.
//
// Each event is one message: its JSON in base64, as the queue trigger of Azure Functions
// expects it. Messages do not expire. The queue must exist. Queues of Azure keep no strict
// order, so a receiver that needs one goes by the time of the events.
package azurequeue

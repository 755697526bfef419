package azurequeue

import (
	"context"
	"errors"
	"fmt"
	"net/http"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azqueue/v2/queueerror"

	"github.com/tidegate/tidegate/cmd/internal/events"
)

var _ events.Sender = (*Sender)(nil)

// Check implements events.Sender. It requests the properties of the queue. An identity that may
// only send messages may not request them. Then the answer shows that the service accepts the
// credential, but not whether the queue exists.
func (s *Sender) Check(ctx context.Context) (answer string, err error) {
	properties, err := s.client.GetProperties(ctx, nil)
	if err == nil {
		n := int64(0)
		if properties.ApproximateMessagesCount != nil {
			n = *properties.ApproximateMessagesCount
		}
		return fmt.Sprintf("the queue has about %d messages", n), nil
	}
	failed := failureOf(err)
	refusal, answered := errors.AsType[*azcore.ResponseError](err)
	switch {
	case !answered:
	case refusal.StatusCode == http.StatusForbidden && queueerror.HasCode(err, queueerror.AuthorizationPermissionMismatch):
		return "the service accepts the credential, but does not permit it to check whether the queue exists", nil
	case refusal.StatusCode == http.StatusNotFound:
		return "", fmt.Errorf("%w: create the queue", failed)
	case refusal.StatusCode == http.StatusForbidden || refusal.StatusCode == http.StatusUnauthorized:
		return "", fmt.Errorf("%w: check the credential in auth, its role Storage Queue Data Message Sender, and the network rules of the account", failed)
	}
	return "", failed
}

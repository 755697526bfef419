package azblob

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore/policy"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/to"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/bloberror"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/container"

	"github.com/tidegate/tidegate/backends"
)

// Namespace is what the operator says about the account's hierarchical namespace.
type Namespace uint8

// The values of Namespace.
const (
	// NamespaceAuto asks the account.
	NamespaceAuto Namespace = iota
	// NamespaceFlat is an account without one.
	NamespaceFlat
	// NamespaceHierarchical is Azure Data Lake Storage, which is refused.
	NamespaceHierarchical
)

// errHierarchical is the reason why such an account is refused.
var errHierarchical = errors.New("azblob: the account has a hierarchical namespace (Azure Data Lake Storage), which is not supported yet: " +
	"use an account without it")

// Probe finds out, with two requests at the same time, whether the container exists, may be
// listed, and is in a flat account. Its error is one line with what the operator has to do.
func (b *Backend) Probe(ctx context.Context, ns Namespace) error {
	if ns == NamespaceHierarchical {
		return errHierarchical
	}
	ctx = quietly(ctx)
	asked := make(chan error, 1)
	var answer *http.Response
	if ns == NamespaceAuto {
		go func() {
			asked <- list(policy.WithCaptureResponse(ctx, &answer), b, container.ListBlobsInclude{Permissions: true})
		}()
	}
	err := list(ctx, b, container.ListBlobsInclude{})
	var permissions error
	if ns == NamespaceAuto {
		permissions = <-asked
	}
	if err != nil {
		return b.explain(ctx, err)
	}
	// Only hierarchical namespaces have permissions: for others the value of the parameter
	// is invalid. The right to list is enough for the request. Azurite, which has no
	// hierarchical namespaces, ignores the value.
	if ns == NamespaceFlat || bloberror.HasCode(permissions, bloberror.InvalidQueryParameterValue) ||
		answer != nil && strings.HasPrefix(answer.Header.Get("Server"), "Azurite") {
		return nil
	}
	return b.askAccount(ctx, permissions)
}

// list requests one entry of the container.
func list(ctx context.Context, b *Backend, include container.ListBlobsInclude) error {
	page, err := b.store.container.NewListBlobsFlatPager(&container.ListBlobsFlatOptions{
		MaxResults: to.Ptr[int32](1), Include: include,
	}).NextPage(ctx)
	if err == nil && page.Date != nil {
		ahead := time.Until(*page.Date)
		b.clock.Store(&ahead)
	}
	return err
}

// ClockDifference returns how far the clock of the service was ahead of this machine's when
// Probe listed the container. The service tells whole seconds.
func (b *Backend) ClockDifference() (ahead time.Duration, known bool) {
	if d := b.clock.Load(); d != nil {
		return *d, true
	}
	return 0, false
}

// askAccount decides by the properties of the account when the listing does not: because
// permissions made it fail, or because a service that is not Azure's ignored them. Most
// roles, and signatures for one container, may not read the properties of the account.
func (b *Backend) askAccount(ctx context.Context, permissions error) error {
	info, err := b.store.container.GetAccountInfo(ctx, nil)
	switch {
	case err == nil && info.IsHierarchicalNamespaceEnabled != nil:
		if *info.IsHierarchicalNamespaceEnabled {
			return errHierarchical
		}
		return nil
	case permissions == nil:
		return errHierarchical
	}
	return &openError{
		"cannot learn whether the account has a hierarchical namespace (Azure Data Lake Storage), which is not supported: " +
			"write hns = \"false\" in the backend's block if it has none",
		join(permissions, err),
	}
}

// explain turns the first answer of a container into a text for the operator.
func (b *Backend) explain(ctx context.Context, err error) error {
	if isUnknownHost(err) {
		return &openError{"the account is not known: its host name does not exist; correct account or endpoint", join(err)}
	}
	failure := fail(ctx, err)
	if answer, ok := errors.AsType[answerError](failure); ok {
		if remedy := b.store.credential.remedy(answer); remedy != "" {
			return &openError{remedy, failure}
		}
		if !later(answer.StatusCode) {
			return &openError{"the container cannot be listed", failure}
		}
	}
	if remedy := b.store.credential.tokenRemedy(err); remedy != "" {
		return &openError{remedy, failure}
	}
	return &backends.UnreachableError{Err: &openError{"the store does not answer as it should", failure}}
}

// later reports whether an answer says that the service cannot serve now.
func later(status int) bool {
	return status >= http.StatusInternalServerError || status == http.StatusTooManyRequests || status == http.StatusRequestTimeout
}

// openError is the error when a container cannot be opened. Its text is one line: what to
// do, and the message of the service. Its kind is that of the cause.
type openError struct {
	text  string
	cause error
}

func (e *openError) Error() string { return "azblob: " + e.text + " (" + causeLine(e.cause) + ")" }
func (e *openError) Unwrap() error { return e.cause }

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
	// NamespaceAuto: the account is asked.
	NamespaceAuto Namespace = iota
	// NamespaceFlat is an account without one.
	NamespaceFlat
	// NamespaceHierarchical is an account with one: Azure Data Lake Storage.
	NamespaceHierarchical
)

// errFlat is the error when the operator says that the account has a hierarchical namespace,
// and the account that it has none.
var errFlat = errors.New("azblob: the account has no hierarchical namespace (Azure Data Lake Storage): remove hns = \"true\" from the backend's block")

// Probe finds out, with two requests at the same time, whether the container exists, may be
// listed, and is in an account with a hierarchical namespace. For such an account one more
// request shows that its endpoint for Data Lake Storage can be used. The error of Probe is one
// line with what the operator has to do.
func (b *Backend) Probe(ctx context.Context, ns Namespace) error {
	ctx = quietly(ctx)
	asked := make(chan error, 1)
	var answer *http.Response
	if ns != NamespaceFlat {
		go func() {
			asked <- list(policy.WithCaptureResponse(ctx, &answer), b, container.ListBlobsInclude{Permissions: true})
		}()
	}
	err := list(ctx, b, container.ListBlobsInclude{})
	var permissions error
	if ns != NamespaceFlat {
		permissions = <-asked
	}
	switch {
	case err != nil:
		return b.explain(ctx, err)
	case ns == NamespaceFlat:
		return nil
	}
	// Only hierarchical namespaces have permissions: for others the value of the parameter
	// is invalid. The right to list is enough for the request. Azurite, which has no
	// hierarchical namespaces, ignores the value.
	isFlat := bloberror.HasCode(permissions, bloberror.InvalidQueryParameterValue) ||
		answer != nil && strings.HasPrefix(answer.Header.Get("Server"), "Azurite")
	switch {
	case isFlat && ns == NamespaceHierarchical:
		return errFlat
	case isFlat:
		return nil
	case ns == NamespaceHierarchical:
		return openHierarchical(ctx, b)
	}
	return askAccount(ctx, b, permissions)
}

// openHierarchical changes to directories of a hierarchical namespace, when the endpoint for
// them answers.
func openHierarchical(ctx context.Context, b *Backend) error {
	h, err := b.hierarchical()
	if err != nil {
		return &openError{err.Error(), nil}
	}
	if err := h.dfs.reach(ctx); err != nil && !bloberror.HasCode(err, mayNotLook()...) {
		return explainDFS(ctx, b.store.credential, h.dfs.base.Host, err)
	}
	b.dirs = h
	return nil
}

// mayNotLook are the codes with which the endpoint refuses a credential that it accepts: the
// right to look at the container itself is not needed.
func mayNotLook() []bloberror.Code {
	return []bloberror.Code{bloberror.AuthorizationPermissionMismatch, bloberror.AuthorizationResourceTypeMismatch}
}

// explainDFS turns the first answer of the endpoint for Data Lake Storage into a text for the
// operator.
func explainDFS(ctx context.Context, c credential, host string, err error) error {
	const what = "the account has a hierarchical namespace, and its endpoint for Data Lake Storage, "
	if isUnknownHost(err) {
		return &openError{what + host + ", is not known: with private endpoints, create the one for dfs; otherwise write dfs_endpoint in the backend's block", join(err)}
	}
	failure := fail(ctx, err)
	if answer, ok := errors.AsType[answerError](failure); ok {
		if remedy := c.remedy(answer); remedy != "" {
			return &openError{what + host + ", refuses the gateway: " + remedy, failure}
		}
		if !later(answer.StatusCode) || answer.StatusCode == http.StatusNotImplemented {
			return &openError{what + host + ", answers with an error: correct dfs_endpoint, or write it in the backend's block", failure}
		}
	}
	return &backends.UnreachableError{Err: &openError{
		what + host + ", does not answer as it should: a firewall or a private endpoint must let this machine reach it too", failure,
	}}
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
func askAccount(ctx context.Context, b *Backend, permissions error) error {
	info, err := b.store.container.GetAccountInfo(ctx, nil)
	switch {
	case err == nil && info.IsHierarchicalNamespaceEnabled != nil:
		if *info.IsHierarchicalNamespaceEnabled {
			return openHierarchical(ctx, b)
		}
		return nil
	case permissions == nil:
		return openHierarchical(ctx, b)
	}
	return &openError{
		"cannot learn whether the account has a hierarchical namespace (Azure Data Lake Storage): " +
			"write hns = \"true\" in the backend's block if it has one, and hns = \"false\" if it has none",
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

func (e *openError) Error() string {
	if e.cause == nil {
		return "azblob: " + e.text
	}
	return "azblob: " + e.text + " (" + causeLine(e.cause) + ")"
}
func (e *openError) Unwrap() error { return e.cause }

package azblob

import (
	"context"
	"errors"
	"net/http"
	"strings"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore/policy"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/to"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/bloberror"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/container"
)

// Namespace says what is known of the account's hierarchical namespace.
type Namespace uint8

// The answers.
const (
	// NamespaceAuto asks the account.
	NamespaceAuto Namespace = iota
	// NamespaceFlat is a common account.
	NamespaceFlat
	// NamespaceHierarchical is Azure Data Lake Storage: refused.
	NamespaceHierarchical
)

// errHierarchical says why such an account is refused.
var errHierarchical = errors.New("azblob: the account has a hierarchical namespace (Azure Data Lake Storage), which is not supported yet: " +
	"use an account without it")

// Probe asks, with two requests side by side, whether the container is there,
// may be listed, and lies in a flat account. Its error is one line that tells an
// operator what to do.
func (b *Backend) Probe(ctx context.Context, ns Namespace) error {
	if ns == NamespaceHierarchical {
		return errHierarchical
	}
	ctx = quietly(ctx)
	asked := make(chan error, 1)
	var answer *http.Response
	if ns == NamespaceAuto {
		go func() {
			asked <- b.list(policy.WithCaptureResponse(ctx, &answer), container.ListBlobsInclude{Permissions: true})
		}()
	}
	err := b.list(ctx, container.ListBlobsInclude{})
	var permissions error
	if ns == NamespaceAuto {
		permissions = <-asked
	}
	if err != nil {
		return b.explain(ctx, err)
	}
	// Permissions are something that only hierarchical namespaces have: for
	// the others it is not a value of the parameter. Whoever may list may ask.
	// Azurite, which has no hierarchical namespaces, ignores it.
	if ns == NamespaceFlat || bloberror.HasCode(permissions, bloberror.InvalidQueryParameterValue) ||
		answer != nil && strings.HasPrefix(answer.Header.Get("Server"), "Azurite") {
		return nil
	}
	return b.askAccount(ctx, permissions)
}

// list asks for one entry of the container.
func (b *Backend) list(ctx context.Context, include container.ListBlobsInclude) error {
	_, err := b.store.container.NewListBlobsFlatPager(&container.ListBlobsFlatOptions{
		MaxResults: to.Ptr[int32](1), Include: include,
	}).NextPage(ctx)
	return err
}

// askAccount decides what the listing left open: because permissions is why it
// failed, or because something that is no service of Azure's ignored what it was
// asked for. Most roles, and signatures for one container, may not ask the account.
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

// explain turns the first answer of a container into what the operator needs.
func (b *Backend) explain(ctx context.Context, err error) error {
	if isUnknownHost(err) {
		return &openError{"the account is not known: its host name does not exist; correct account or endpoint", join(err)}
	}
	failure := fail(ctx, err)
	if answer, ok := errors.AsType[answerError](failure); ok {
		if remedy := b.store.credential.remedy(answer); remedy != "" {
			return &openError{remedy, failure}
		}
		if answer.StatusCode < http.StatusInternalServerError {
			return &openError{"the container cannot be listed", failure}
		}
	}
	if remedy := b.store.credential.tokenRemedy(err); remedy != "" {
		return &openError{remedy, failure}
	}
	return &openError{"the store does not answer as it should", failure}
}

// openError says in one line why a container cannot be opened: what to do, and
// what the service said. Its kind is that of the cause.
type openError struct {
	text  string
	cause error
}

func (e *openError) Error() string { return "azblob: " + e.text + " (" + causeLine(e.cause) + ")" }
func (e *openError) Unwrap() error { return e.cause }

package rclone

import (
	"log/slog"
	"net/http"
	"slices"

	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/bloberror"

	"github.com/tidegate/tidegate/internal/azurecode"
	"github.com/tidegate/tidegate/internal/loglimit"
	"github.com/tidegate/tidegate/vfs"
)

// refusesGateway reports whether an answer with this code, "" for none, and HTTP
// status means that the store refuses this process because of its credential, clock or
// address, or because the bucket is missing. It is not about one file, and a later attempt may succeed
// after an operator has acted.
func refusesGateway(code string, status int) bool {
	if code == "" {
		// Answers to HEAD have no code.
		return status == http.StatusUnauthorized || status == http.StatusForbidden
	}
	return slices.Contains([]string{
		// "Error responses" of Amazon S3.
		"AccessDenied", "AccountProblem", "AllAccessDisabled", "ExpiredToken", "InvalidAccessKeyId", "InvalidSecurity",
		"InvalidToken", "NotSignedUp", "RequestTimeTooSkewed", "SignatureDoesNotMatch", "TokenRefreshRequired",
		"UnauthorizedAccess", "Forbidden", "NoSuchBucket",
	}, code) || azurecode.RefusesGateway(bloberror.Code(code)) || azurecode.MissingStore(bloberror.Code(code))
}

const refusedMsg = "the store refuses the gateway"

// newRefusals bounds the lines about a store that refuses the gateway.
func newRefusals(log *slog.Logger) *loglimit.Limiter[string] {
	return loglimit.New(func(_ string, count int, last string) { log.Error(refusedMsg, "err", last, "more", count) })
}

// mapError is the function mapError. It also logs, once a minute, that the store refuses
// the gateway.
func (b *Backend) mapError(err error) error {
	mapped := mapError(err)
	if err != nil && vfs.KindOf(mapped) == vfs.KindUnavailable && mapped != err { //nolint:errorlint // an error that was mapped before has been logged
		code, status := answerOf(err)
		if refusesGateway(code, status) && b.refusals.Note("", err.Error()) {
			b.log.Error(refusedMsg, "err", err.Error())
		}
	}
	return mapped
}

package azblob

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azidentity"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/bloberror"

	"github.com/tidegate/tidegate/internal/azurecode"
)

// credential describes the credential in messages. It contains no secret.
type credential struct {
	kind    credentialKind
	account string     // the account of the shared key, or ""
	sas     url.Values // the fields of the SAS, without the signature
	place   string     // where it is configured, or ""
}

type credentialKind uint8

const (
	noCredential credentialKind = iota
	keyCredential
	sasCredential
	tokenCredential
)

func credentialOf(o Options) credential {
	c := credential{place: o.Place}
	_, query, _ := strings.Cut(o.ContainerURL, "?")
	for setting := range strings.SplitSeq(o.ConnectionString, ";") {
		name, value, _ := strings.Cut(setting, "=")
		switch name {
		case "AccountName":
			c.account = value
		case "AccountKey":
			c.kind = keyCredential
		case "SharedAccessSignature":
			query = value
		}
	}
	switch {
	case o.SharedKey != nil:
		c.kind, c.account = keyCredential, o.SharedKey.AccountName()
	case o.Token != nil:
		c.kind = tokenCredential
	}
	if q, err := url.ParseQuery(strings.TrimPrefix(query, "?")); err == nil && q.Has("sig") {
		q.Del("sig")
		c.kind, c.sas = sasCredential, q
	}
	return c
}

// wrongClock is the least error of this machine's clock that is reported as the likely cause
// of a refusal. The service accepts an error of 15 minutes.
const wrongClock = 5 * time.Minute

// remedy returns what the operator has to do about an answer that refuses the gateway, ""
// for other answers.
func (c credential) remedy(a answerError) string {
	text := c.advice(a)
	if text != "" && c.place != "" && !azurecode.MissingStore(bloberror.Code(a.ErrorCode)) {
		text += " [" + c.place + "]"
	}
	return text
}

func (c credential) advice(a answerError) string {
	code := bloberror.Code(a.ErrorCode)
	if a.unknownVersion() {
		if strings.Contains(a.body.Message, "Azurite") {
			return "start Azurite with --skipApiVersionCheck: it does not know the version of the API that is used"
		}
		return `the service does not know the version of the API that is used: write api_version = "2021-12-02" in the backend's block, or another that it knows`
	}
	if strings.HasPrefix(string(code), azurecode.PrefixOfKeyVault) {
		return "the key with which the account encrypts cannot be used: look at the key vault, the key and the account's right to it"
	}
	switch code {
	case bloberror.ContainerNotFound, azurecode.NoFilesystem:
		return "the account has no such container: create it, or correct container"
	case bloberror.ContainerBeingDeleted, azurecode.FilesystemGoes:
		return "the container is being deleted: wait until it is gone and create it again, or correct container"
	case bloberror.ContainerDisabled:
		return "the container is disabled: look at the account in the portal"
	case bloberror.ResourceNotFound, bloberror.AccountBeingCreated:
		return "the account is not there, or not yet: correct account or endpoint"
	case bloberror.AccountIsDisabled:
		return "the account is disabled: look at the subscription in the portal"
	case azurecode.AzuriteStrict:
		return "start Azurite with --loose: it refuses checksums otherwise"
	case azurecode.NoSharedKeys:
		return `shared keys are switched off for this account: use auth "managed_identity" or another identity`
	case azurecode.NoPublicAccess:
		return "the account does not allow anonymous access: write an auth block with a credential"
	case bloberror.InsufficientAccountPermissions:
		return "the account may only be read: it is the secondary of a replication, or access is being taken away"
	case bloberror.UnauthorizedBlobOverwrite:
		return "the signature may create files and not replace them: it needs the permission w" + c.permissions()
	case bloberror.AuthorizationFailure:
		return c.notAuthorized()
	case bloberror.AuthorizationPermissionMismatch:
		return c.missingRight(a)
	case bloberror.AuthorizationProtocolMismatch:
		return "the signature allows HTTPS alone: write https:// in endpoint"
	case bloberror.AuthorizationSourceIPMismatch:
		return "the signature is for other addresses (sip=" + c.sas.Get("sip") + "), or the account's firewall does not let this machine in"
	case bloberror.AuthorizationServiceMismatch, bloberror.AuthorizationResourceTypeMismatch:
		return "the signature is not for the blobs of a container: it needs ss=b and srt=co, or to be made for the container (sr=c)"
	}
	if a.StatusCode == http.StatusUnauthorized || a.StatusCode == http.StatusForbidden ||
		code == bloberror.InvalidAuthenticationInfo || code == bloberror.NoAuthenticationInformation {
		return c.notBelieved(a)
	}
	return ""
}

// notBelieved returns the advice when the service does not accept the identity.
func (c credential) notBelieved(a answerError) string {
	now := time.Now()
	if at, err := http.ParseTime(a.header("Date")); err == nil {
		if off := at.Sub(now).Round(time.Minute); off.Abs() > wrongClock {
			way := "behind"
			if off < 0 {
				way = "ahead of"
			}
			return "this machine's clock is " + off.Abs().String() + " " + way + " the service's: set up NTP"
		}
		now = at
	}
	switch c.kind {
	case keyCredential:
		return "the key is none of the account " + c.account + "'s: it may have been rotated; correct key"
	case sasCredential:
		if until, ok := sasTime(c.sas, "se"); ok && !now.Before(until) {
			return expired(until)
		}
		if from, ok := sasTime(c.sas, "st"); ok && now.Before(from) {
			return "the signature (SAS) is not valid before " + from.Format(time.RFC3339)
		}
		return "the signature (SAS) is not accepted: it is for another container or account, its stored policy has ended, " +
			"or the key that signed it was rotated; make a new one"
	case tokenCredential:
		return "the token of the identity" + principal(a) + " is not accepted: it is of another tenant, or for another cloud (audience)"
	}
	return "the container is not public: write an auth block with a credential"
}

// notAuthorized returns the advice when the service answers only that the request is not
// allowed: because of the firewall of the account, or, from Azurite, a wrong credential.
func (c credential) notAuthorized() string {
	const firewall = "the account's firewall does not let this machine in (Networking, Firewalls and virtual networks)"
	switch c.kind {
	case keyCredential:
		return firewall + ", or the key is none of the account " + c.account + "'s: correct key"
	case sasCredential:
		if until, ok := sasTime(c.sas, "se"); ok && !time.Now().Before(until) {
			return expired(until)
		}
		return firewall + ", or the signature (SAS) is not for this service"
	}
	return firewall
}

func expired(until time.Time) string {
	return "the signature (SAS) has expired at " + until.Format(time.RFC3339) + ": make a new one"
}

// missingRight returns the advice when the service accepts the identity and refuses the
// request.
func (c credential) missingRight(a answerError) string {
	method := "this request"
	if a.RawResponse != nil && a.RawResponse.Request != nil {
		req := a.RawResponse.Request
		if req.URL.Query().Get("comp") == "tags" {
			return "keep_tags needs the role Storage Blob Data Owner, or a signature (SAS) with the permission t"
		}
		if req.Method == http.MethodPatch {
			return "the identity" + principal(a) + ` may not set the ACL of a file: acl = "keep" needs the role Storage Blob Data Owner, or a signature (SAS) with the permissions o and p`
		}
		method = "the request " + req.Method
	}
	if c.kind == sasCredential {
		return "the signature (SAS) lacks a permission for " + method + ": it needs racwdl" + c.permissions()
	}
	return "the identity" + principal(a) + " lacks a right for " + method + ": it needs the role Storage Blob Data Contributor on the container " +
		"(a new role takes up to ten minutes), or there is no container of this name"
}

// permissions describes the permissions of the SAS.
func (c credential) permissions() string {
	if sp := c.sas.Get("sp"); sp != "" {
		return " and has " + sp
	}
	return ""
}

// tokenRemedy returns the advice when no token could be obtained, "" for other errors.
func (c credential) tokenRemedy(err error) string {
	var text string
	if _, ok := errors.AsType[*azidentity.AuthenticationFailedError](err); ok {
		text = "the identity gives no token: look at the auth block, the secret's end and the identity's assignment to this machine"
	} else if c.kind == tokenCredential && isFinal(err) {
		text = "this machine has no such identity: assign it, or write another auth block"
	}
	if text != "" && c.place != "" {
		text += " [" + c.place + "]"
	}
	return text
}

// principal returns the object id of the token that was refused, which the portal shows.
func principal(a answerError) string {
	if a.RawResponse == nil || a.RawResponse.Request == nil {
		return ""
	}
	token, ok := strings.CutPrefix(a.RawResponse.Request.Header.Get("Authorization"), "Bearer ")
	parts := strings.Split(token, ".")
	if !ok || len(parts) != 3 {
		return ""
	}
	claims := struct {
		ID string `json:"oid"`
	}{}
	raw, err := base64.RawURLEncoding.DecodeString(parts[1])
	if err != nil || json.Unmarshal(raw, &claims) != nil || claims.ID == "" {
		return ""
	}
	return " with the object id " + sentence(claims.ID)
}

// sasTime parses a time of a SAS: RFC 3339, or parts of it.
func sasTime(sas url.Values, field string) (time.Time, bool) {
	for _, layout := range []string{time.RFC3339, "2006-01-02T15:04Z", "2006-01-02"} {
		if at, err := time.Parse(layout, sas.Get(field)); err == nil {
			return at, true
		}
	}
	return time.Time{}, false
}

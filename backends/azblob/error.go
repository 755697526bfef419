package azblob

import (
	"bytes"
	"context"
	"encoding/json"
	"encoding/xml"
	"errors"
	"net"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/runtime"
	"github.com/Azure/azure-sdk-for-go/sdk/azidentity"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/bloberror"

	"github.com/tidegate/tidegate/internal/azurecode"
	"github.com/tidegate/tidegate/vfs"
)

// fail adds the kind to err, which the SDK returned for a request under ctx. An error with
// a kind keeps it. A condition that is not met is KindConflict here; callers that know
// better, because the kind depends on the request, use failAs.
func fail(ctx context.Context, err error) error {
	if err == nil {
		return nil
	}
	if _, ok := errors.AsType[*vfs.Error](err); ok {
		return err
	}
	if ctx.Err() != nil {
		return failAs(vfs.KindCanceled, err)
	}
	if re, ok := errors.AsType[*azcore.ResponseError](err); ok {
		answer := answerOf(re)
		kind, reason, known := azurecode.Kind(bloberror.Code(re.ErrorCode), re.StatusCode)
		if !known {
			kind = azurecode.KindOfStatus(re.StatusCode)
		}
		if answer.unknownVersion() {
			kind = vfs.KindUnavailable // the operator has to act: see remedy
		}
		return &vfs.Error{Kind: kind, Reason: reason, Err: answer}
	}
	// Everything else failed without an answer of the service: a name that does not
	// resolve, a broken connection, an attempt that took too long, TLS, an invalid answer,
	// an identity that is not available.
	return failAs(vfs.KindUnavailable, err)
}

// failAs returns an error of the kind k for an error of the SDK, where the caller knows the
// kind. Causes may be nil.
func failAs(k vfs.Kind, causes ...error) error { return vfs.NewError(k, join(causes...)) }

// join is errors.Join for errors on one line of the log. Its kind is that of the first.
func join(errs ...error) error {
	errs = slices.DeleteFunc(slices.Clone(errs), func(err error) bool { return err == nil })
	if len(errs) == 0 {
		return nil
	}
	return oneLine(errs)
}

// oneLine are errors whose text is one line. The texts of the SDK are dumps of requests and
// answers over many lines.
type oneLine []error

func (l oneLine) Unwrap() []error { return l }

func (l oneLine) Error() string {
	texts := make([]string, len(l))
	for i, err := range l {
		texts[i] = lineOf(err)
	}
	return strings.Join(texts, "; ")
}

// causeLine is the text of the cause, without that of its kind.
func causeLine(err error) string {
	if e, ok := errors.AsType[*vfs.Error](err); ok && e.Err != nil {
		return lineOf(e.Err)
	}
	return lineOf(err)
}

// maxText is the most that a log line quotes of a foreign text.
const maxText = 300

// lineOf returns the text of an error on one line.
func lineOf(err error) string {
	switch e := err.(type) { //nolint:errorlint // an error that wraps them has its own text
	case oneLine, answerError:
		return err.Error()
	case *azcore.ResponseError:
		return answerOf(e).Error()
	}
	if ae, ok := errors.AsType[*azidentity.AuthenticationFailedError](err); ok {
		return "the identity gives no token: " + sentence(tokenText(ae))
	}
	return sentence(err.Error())
}

// sentence returns text on one line, without the horizontal rules of the SDK.
func sentence(text string) string {
	var words []string
	for _, word := range strings.Fields(text) {
		if strings.Trim(word, "-=") != "" {
			words = append(words, word)
		}
	}
	text = strings.Join(words, " ")
	if len(text) > maxText {
		text = strings.ToValidUTF8(text[:maxText], "") + " …"
	}
	return text
}

// answerError is an error answer of the service on one line.
type answerError struct {
	*azcore.ResponseError
	body answerBody
}

// answerBody is the body of an error answer.
type answerBody struct {
	Message    string
	HeaderName string
	// Detail is sent with some refusals of a credential. It may quote a signature, so that
	// only its dates are shown.
	Detail string `xml:"AuthenticationErrorDetail"`
}

// answerOf reads the error answer of the service.
func answerOf(re *azcore.ResponseError) answerError {
	a := answerError{ResponseError: re}
	if re.RawResponse == nil || re.RawResponse.Body == nil {
		return a
	}
	// NewResponseError has read it; this returns the same bytes again.
	if body, err := runtime.Payload(re.RawResponse); err == nil {
		a.body.read(body)
	}
	return a
}

// read reads XML, or JSON, which the endpoint for Data Lake Storage sends. The body of a proxy
// may be anything.
func (b *answerBody) read(body []byte) {
	if !bytes.HasPrefix(bytes.TrimSpace(body), []byte("{")) {
		_ = xml.Unmarshal(body, b)
		return
	}
	var text struct{ Error struct{ Message string } }
	if json.Unmarshal(body, &text) == nil {
		b.Message = text.Error.Message
	}
}

// says returns the message of the service, "" when it sent none.
func (a answerError) says() string {
	text, _, _ := strings.Cut(a.body.Message, "\n") // ids and the time follow
	if strings.HasPrefix(a.body.Detail, "Signature not valid in the specified time frame") {
		text += " " + a.body.Detail
	}
	return sentence(text)
}

func (a answerError) header(name string) string {
	if a.RawResponse == nil {
		return ""
	}
	return a.RawResponse.Header.Get(name)
}

// unknownVersion reports whether the service does not know the protocol version of the
// request.
func (a answerError) unknownVersion() bool {
	return a.StatusCode == http.StatusBadRequest && a.ErrorCode == string(bloberror.InvalidHeaderValue) &&
		(strings.EqualFold(a.body.HeaderName, "x-ms-version") || strings.Contains(a.body.Message, "API version"))
}

func (a answerError) Error() string {
	text := strings.TrimSpace(strconv.Itoa(a.StatusCode) + " " + a.ErrorCode)
	if a.RawResponse != nil && a.RawResponse.Request != nil {
		req := a.RawResponse.Request
		// Without the query, which may contain a SAS.
		text = req.Method + " " + req.URL.Host + req.URL.EscapedPath() + ": " + text
	}
	if says := a.says(); says != "" {
		text += ": " + says
	}
	if id := a.header("x-ms-request-id"); id != "" {
		text += " (request " + id + ")"
	}
	return text
}

func (a answerError) Unwrap() error { return a.ResponseError }

// tokenText returns the message of the endpoint that issues tokens.
func tokenText(ae *azidentity.AuthenticationFailedError) string {
	if ae.RawResponse == nil || ae.RawResponse.Body == nil {
		return ae.Error()
	}
	text := strconv.Itoa(ae.RawResponse.StatusCode)
	if body, err := runtime.Payload(ae.RawResponse); err == nil {
		text += " " + string(body)
	}
	return text
}

// hasStatus reports whether the service answered with the status.
func hasStatus(err error, status int) bool {
	re, ok := errors.AsType[*azcore.ResponseError](err)
	return ok && re.StatusCode == status
}

// notFound reports whether the service answered that there is no such blob. A missing
// container is another error.
func notFound(err error) bool {
	return hasStatus(err, http.StatusNotFound) &&
		!bloberror.HasCode(err, bloberror.ContainerNotFound, bloberror.ContainerBeingDeleted, bloberror.ResourceNotFound)
}

// isUnknownHost reports whether the name of the account's host does not exist.
func isUnknownHost(err error) bool {
	dns, ok := errors.AsType[*net.DNSError](err)
	return ok && dns.IsNotFound
}

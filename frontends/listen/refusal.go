package listen

import (
	"github.com/tidegate/tidegate/internal/auth"
	"github.com/tidegate/tidegate/internal/observe"
)

// Refused says, for the log alone, why err refuses a login.
func Refused(err error) observe.Failure {
	cause := auth.CauseOf(err)
	return observe.Failure{Cause: string(cause), Setting: cause.Setting(), Err: err}
}

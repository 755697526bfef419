package vfs

// SettingError is the cause of a refusal that a setting of the configuration decides.
type SettingError struct {
	// Setting is its name: "allow".
	Setting string
	Err     error
}

func (e *SettingError) Error() string { return e.Err.Error() }

// Unwrap returns the reason.
func (e *SettingError) Unwrap() error { return e.Err }

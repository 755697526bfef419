package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"time"
	"unsafe"

	"golang.org/x/sys/windows"
	"golang.org/x/sys/windows/svc"
	"golang.org/x/sys/windows/svc/eventlog"
	"golang.org/x/sys/windows/svc/mgr"
)

// serviceData returns the directory of the configuration.
func serviceData() string {
	data, err := windows.KnownFolderPath(windows.FOLDERID_ProgramData, 0)
	if err != nil {
		data = os.Getenv("ProgramData")
	}
	return filepath.Join(data, "Tidegate")
}

// serviceLogFile returns the file of the log.
func serviceLogFile() string { return filepath.Join(serviceData(), "logs", "tidegate.log") }

// controlManager is the service control manager of Windows.
type controlManager struct{ *mgr.Mgr }

func openServiceManager() (serviceManager, error) {
	m, err := mgr.Connect()
	if errors.Is(err, windows.ERROR_ACCESS_DENIED) {
		return nil, fmt.Errorf("%w Run it as administrator", err)
	}
	return controlManager{m}, err
}

func (m controlManager) close() { _ = m.Disconnect() } // nothing depends on it

// open returns the service. The caller closes it.
func (m controlManager) open() (*mgr.Service, error) {
	s, err := m.OpenService(serviceName)
	if errors.Is(err, windows.ERROR_SERVICE_DOES_NOT_EXIST) {
		return nil, fmt.Errorf("%w Install it: tidegate service install", err)
	}
	return s, err
}

// install implements serviceManager.
func (m controlManager) install(spec serviceSpec) (string, error) {
	program, err := os.Executable()
	if err != nil {
		return "", err
	}
	if err := protectData(spec); err != nil {
		return "", err
	}
	what := "changed"
	s, err := m.OpenService(serviceName)
	switch {
	case errors.Is(err, windows.ERROR_SERVICE_DOES_NOT_EXIST):
		what = "installed"
		s, err = m.CreateService(serviceName, program, mgr.Config{
			StartType: mgr.StartAutomatic, ErrorControl: mgr.ErrorNormal, ServiceStartName: spec.account, DisplayName: "Tidegate",
			Description: "FTP and SFTP gateway in front of Azure Blob Storage",
		}, spec.arguments()...)
	case err == nil:
		err = change(s, append([]string{program}, spec.arguments()...), spec.account)
	}
	if err != nil {
		return "", err
	}
	defer s.Close()
	// After a failure it is started again, also after one that it has reported.
	restart := func(after time.Duration) mgr.RecoveryAction {
		return mgr.RecoveryAction{Type: mgr.ServiceRestart, Delay: after}
	}
	const forgotten = 600 // seconds
	if err := s.SetRecoveryActions([]mgr.RecoveryAction{restart(time.Second), restart(10 * time.Second), restart(time.Minute)}, forgotten); err != nil {
		return "", fmt.Errorf("recovery actions: %w", err)
	}
	if err := known(s.SetRecoveryActionsOnNonCrashFailures(true)); err != nil {
		return "", fmt.Errorf("recovery actions: %w", err)
	}
	// How long a shutdown of the machine waits for it.
	timeout := uint32(spec.stopTime.Milliseconds())
	if err := known(windows.ChangeServiceConfig2(s.Handle, windows.SERVICE_CONFIG_PRESHUTDOWN_INFO, (*byte)(unsafe.Pointer(&timeout)))); err != nil {
		return "", fmt.Errorf("time-out of a shutdown: %w", err)
	}
	_ = eventlog.Remove(serviceName) // it may not exist
	if err := eventlog.InstallAsEventCreate(serviceName, eventlog.Error|eventlog.Warning|eventlog.Info); err != nil {
		return "", fmt.Errorf("event log: %w", err)
	}
	return what, nil
}

// change gives a service another command line and another account. mgr.Service.UpdateConfig
// would also change settings that Wine does not have.
func change(s *mgr.Service, command []string, account string) error {
	line, err := windows.UTF16PtrFromString(joinedCommand(command))
	if err != nil {
		return err
	}
	name, err := windows.UTF16PtrFromString(account)
	if err != nil {
		return err
	}
	return windows.ChangeServiceConfig(s.Handle, windows.SERVICE_NO_CHANGE, mgr.StartAutomatic, windows.SERVICE_NO_CHANGE, line, nil, nil, nil, name, nil, nil)
}

// known returns the error of a setting, nil where the system does not have the setting, as Wine.
func known(err error) error {
	if errors.Is(err, windows.ERROR_INVALID_LEVEL) {
		return nil
	}
	return err
}

// joinedCommand returns a command line that Windows splits into args.
func joinedCommand(args []string) string {
	all := make([]string, 0, len(args))
	for _, a := range args {
		all = append(all, syscall.EscapeArg(a))
	}
	return strings.Join(all, " ")
}

// The rights to directories of the service, in the security descriptor definition language:
// nothing is inherited from above, administrators and the system may do everything.
const (
	serviceReads  = "D:PAI(A;OICI;FA;;;SY)(A;OICI;FA;;;BA)(A;OICI;0x1200a9;;;%s)"
	serviceWrites = "D:PAI(A;OICI;FA;;;SY)(A;OICI;FA;;;BA)(A;OICI;0x1301bf;;;%s)"
)

// protectData creates the directories of the service, and gives rights to them. By default
// everybody may read what is in ProgramData.
func protectData(spec serviceSpec) error {
	sid, err := accountSID(spec.account)
	if err != nil {
		return err
	}
	data := serviceData()
	logs := filepath.Join(data, "logs")
	for _, d := range []struct{ path, rights string }{{data, serviceReads}, {logs, serviceWrites}} {
		if err := os.MkdirAll(d.path, 0o750); err != nil {
			return err
		}
		if err := protect(d.path, fmt.Sprintf(d.rights, sid)); err != nil {
			return fmt.Errorf("rights to %s: %w", d.path, err)
		}
	}
	return nil
}

// accountSID returns the identifier of an account.
func accountSID(account string) (string, error) {
	if name, ok := strings.CutPrefix(strings.ToUpper(account), `NT SERVICE\`); ok {
		return serviceSID(name), nil
	}
	if strings.EqualFold(account, "LocalSystem") {
		return "SY", nil
	}
	sid, _, _, err := windows.LookupSID("", account)
	if err != nil {
		return "", fmt.Errorf("account %s: %w", account, err)
	}
	return sid.String(), nil
}

// protect gives a directory and what is in it the rights of a security descriptor.
func protect(path, descriptor string) error {
	sd, err := windows.SecurityDescriptorFromString(descriptor)
	if err != nil {
		return err
	}
	dacl, _, err := sd.DACL()
	if err != nil {
		return err
	}
	return windows.SetNamedSecurityInfo(path, windows.SE_FILE_OBJECT, windows.DACL_SECURITY_INFORMATION|windows.PROTECTED_DACL_SECURITY_INFORMATION, nil, nil, dacl, nil)
}

// start implements serviceManager.
func (m controlManager) start(ctx context.Context) error {
	s, err := m.open()
	if err != nil {
		return err
	}
	defer s.Close()
	if err := s.Start(); err != nil {
		return err
	}
	return await(ctx, s, svc.Running)
}

// stop implements serviceManager.
func (m controlManager) stop(ctx context.Context) error {
	s, err := m.open()
	if err != nil {
		return err
	}
	defer s.Close()
	return stop(ctx, s)
}

func stop(ctx context.Context, s *mgr.Service) error {
	if _, err := s.Control(svc.Stop); err != nil && !errors.Is(err, windows.ERROR_SERVICE_NOT_ACTIVE) && !errors.Is(err, windows.ERROR_SERVICE_CANNOT_ACCEPT_CTRL) {
		return err
	}
	return await(ctx, s, svc.Stopped)
}

// await waits for a state of a service.
func await(ctx context.Context, s *mgr.Service, want svc.State) error {
	ticker := time.NewTicker(100 * time.Millisecond)
	defer ticker.Stop()
	for {
		now, err := s.Query()
		switch {
		case err != nil:
			return err
		case now.State == want:
			return nil
		case now.State == svc.Stopped:
			return fmt.Errorf("the service has ended with exit status %d; its log and the event log have the cause", exitOf(now))
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-ticker.C:
		}
	}
}

// exitOf returns the exit status of a service that has ended.
func exitOf(s svc.Status) uint32 {
	switch {
	case s.ServiceSpecificExitCode != 0:
		return s.ServiceSpecificExitCode
	case s.Win32ExitCode == uint32(windows.ERROR_SERVICE_NEVER_STARTED):
		return exitOK
	}
	return s.Win32ExitCode
}

// reload implements serviceManager.
func (m controlManager) reload() error {
	s, err := m.open()
	if err != nil {
		return err
	}
	defer s.Close()
	_, err = s.Control(svc.ParamChange)
	return err
}

// remove implements serviceManager.
func (m controlManager) remove(ctx context.Context) error {
	s, err := m.open()
	if err != nil {
		return err
	}
	defer s.Close()
	if err := stop(ctx, s); err != nil {
		return err
	}
	if err := s.Delete(); err != nil {
		return err
	}
	_ = eventlog.Remove(serviceName) // it may be gone
	return nil
}

// query implements serviceManager.
func (m controlManager) query() (serviceInfo, error) {
	s, err := m.open()
	if err != nil {
		return serviceInfo{}, err
	}
	defer s.Close()
	now, err := s.Query()
	if err != nil {
		return serviceInfo{}, err
	}
	c, err := configOf(s)
	if err != nil {
		return serviceInfo{}, err
	}
	actions, err := s.RecoveryActions()
	if known(err) != nil {
		return serviceInfo{}, err
	}
	var restarts []time.Duration
	for _, a := range actions {
		restarts = append(restarts, a.Delay)
	}
	states := map[svc.State]string{
		svc.Stopped: "stopped", svc.StartPending: serviceStarting.String(), svc.Running: serviceRunning.String(), svc.StopPending: serviceStopping.String(),
	}
	starts := map[uint32]string{mgr.StartAutomatic: "automatic", mgr.StartManual: "manual", mgr.StartDisabled: "disabled"}
	return serviceInfo{
		state: states[now.State], process: now.ProcessId, exit: exitOf(now),
		account: windows.UTF16PtrToString(c.ServiceStartName), start: starts[c.StartType], command: windows.UTF16PtrToString(c.BinaryPathName), restarts: restarts,
	}, nil
}

// configOf returns the configuration of a service. mgr.Service.Config would also ask for
// settings that Wine does not have.
func configOf(s *mgr.Service) (*windows.QUERY_SERVICE_CONFIG, error) {
	const most = 8 << 10        // the documented one
	b := make([]uint64, most/8) // aligned
	c := (*windows.QUERY_SERVICE_CONFIG)(unsafe.Pointer(&b[0]))
	var needed uint32
	if err := windows.QueryServiceConfig(s.Handle, c, most, &needed); err != nil {
		return nil, err
	}
	return c, nil
}

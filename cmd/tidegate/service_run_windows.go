package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"runtime/debug"
	"strings"
	"sync"
	"syscall"

	"golang.org/x/sys/windows"
	"golang.org/x/sys/windows/svc"
	"golang.org/x/sys/windows/svc/eventlog"
)

// serviceLogSize is the size at which the log gets another name.
const serviceLogSize = 64 << 20

// failureEvent is the number of the event in the event log.
const failureEvent = 1

// runningService is a service that Windows has started.
type runningService struct {
	in   input
	log  string
	exit int
}

// runService serves as a service, until Windows stops it.
func runService(in input, log string) error {
	// Windows announces to services that a user has logged off, which Go turns into SIGTERM.
	signal.Reset(os.Interrupt, syscall.SIGTERM)
	s := &runningService{in: in, log: log}
	err := svc.Run(serviceName, s)
	switch {
	case errors.Is(err, windows.ERROR_FAILED_SERVICE_CONTROLLER_CONNECT):
		return errors.New("service run: Windows has not started this process; use tidegate serve, or tidegate service start")
	case err != nil:
		return fmt.Errorf("service run: %w", err)
	case s.exit != exitOK:
		return errLogged
	}
	return nil
}

// Execute implements svc.Handler.
func (s *runningService) Execute(_ []string, requests <-chan svc.ChangeRequest, statuses chan<- svc.Status) (specific bool, exit uint32) {
	controls, over := make(chan serviceControl), make(chan struct{})
	var passing sync.WaitGroup
	passing.Go(func() {
		for {
			select {
			case r := <-requests:
				select {
				case controls <- controlOf(r.Cmd):
				case <-over:
					return
				}
			case <-over:
				return
			}
		}
	})
	s.exit = serviceLife{serve: s.serve, report: func(p serviceProgress) { statuses <- statusOf(p) }}.run(controls)
	close(over)
	passing.Wait()
	return true, uint32(s.exit)
}

func controlOf(c svc.Cmd) serviceControl {
	switch c {
	case svc.Stop, svc.Shutdown, svc.PreShutdown:
		return controlStop
	case svc.ParamChange:
		return controlReload
	}
	return controlReport
}

func statusOf(p serviceProgress) svc.Status {
	s := svc.Status{CheckPoint: p.step, WaitHint: uint32(p.within.Milliseconds())}
	switch p.state {
	case serviceStarting:
		s.State, s.Accepts = svc.StartPending, svc.AcceptStop
	case serviceRunning:
		s.State, s.Accepts = svc.Running, svc.AcceptStop|svc.AcceptPreShutdown|svc.AcceptParamChange
	case serviceStopping:
		s.State = svc.StopPending
	}
	return s
}

// serve serves the configuration with a log in files, and returns the exit status.
func (s *runningService) serve(ctx context.Context, ready func(reload func())) int {
	log, err := openServiceLog(s.log, serviceLogSize)
	if err != nil {
		reportFailure(fmt.Sprintf("The service cannot open its log: %v", err))
		return exitFailure
	}
	defer log.Close()
	closeCrashes := s.keepCrashes()
	defer closeCrashes()
	p := &program{stdin: strings.NewReader(""), stdout: log, stderr: log}
	exit := exitStatus(serveInput(ctx, p, s.in, ready), log)
	if exit != exitOK {
		reportFailure(fmt.Sprintf("The service has ended with exit status %d. The last line of %s: %s", exit, s.log, log.lastLine()))
	}
	return exit
}

// keepCrashes has the runtime write panics to a file beside the log: a service has no standard
// error.
func (s *runningService) keepCrashes() (closeFile func()) {
	f, err := os.OpenFile(filepath.Join(filepath.Dir(s.log), "crash.log"), os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o640)
	if err == nil {
		err = debug.SetCrashOutput(f, debug.CrashOptions{})
	}
	if err != nil {
		reportFailure(fmt.Sprintf("Crashes will not be kept: %v", err))
		return func() {}
	}
	return func() { _ = f.Close() } // the runtime has a copy
}

// reportFailure writes to the event log of Windows, where it can.
func reportFailure(text string) {
	const most = 16 << 10 // in bytes; an event holds 31,839 characters
	if len(text) > most {
		text = strings.ToValidUTF8(text[:most], "")
	}
	log, err := eventlog.Open(serviceName)
	if err != nil {
		return
	}
	defer log.Close()
	_ = log.Error(failureEvent, strings.ReplaceAll(text, "\x00", "")) // there is no other place
}

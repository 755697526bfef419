package main

import (
	"context"
	"fmt"
	"io"
	"path/filepath"
	"strings"
	"time"
)

// serviceName is the name of the service of Windows, and of its events.
const serviceName = "tidegate"

const serviceDetails = `On Windows. The service starts with the machine and again after a failure. It
runs as the account NT SERVICE\tidegate, which has no rights but those that it is
given. In a terminal that runs as administrator:

  tidegate service install [-env-file FILE] [-log FILE] [-account NAME] [PATH]
  tidegate service start
  tidegate service status
  tidegate service reload
  tidegate service stop
  tidegate service remove

PATH is the configuration, by default %ProgramData%\Tidegate. See docs/operations.md.

Exit status:
  0  done
  1  not done; for status, the service does not run
  2  the command line is wrong, or for install the configuration`

const serviceInstallDetails = `It creates the service, or changes the one that exists, and does not start it.
%ProgramData%\Tidegate is created where it is missing. Administrators and the
service can read it, and no one else; the service can write its directory logs.
Give the account of the service the right to read PATH and FILE elsewhere, and
to read and write directories that it serves:

  icacls D:\files /grant "NT SERVICE\tidegate:(OI)(CI)M"

With another program, other flags or another grace period, install again.`

const serviceStopDetails = `It waits until running transfers have ended, at most for drain_delay and grace.`

const serviceReloadDetails = `The service reads its configuration again. The log has the result; tidegate
reload waits for it, over a frontend "status".`

const serviceRunDetails = `This is what the service starts. By hand, use tidegate serve.`

// serviceCommands are the sub-commands of service.
func serviceCommands() []command {
	return []command{
		{"service install", "[PATH]", "create the service of Windows, or change it", operateService(servicer.install), serviceInstallDetails},
		{"service start", "", "start the service and wait until it serves", inService("start", servicer.start), ""},
		{"service status", "", "show what the service is and does", inService("status", servicer.status), ""},
		{"service reload", "", "have the service read its configuration again", inService("reload", servicer.reload), serviceReloadDetails},
		{"service stop", "", "stop the service as SIGTERM does elsewhere, and wait until it has", inService("stop", servicer.stop), serviceStopDetails},
		{"service remove", "", "stop and delete the service; its files stay", inService("remove", servicer.remove), ""},
		{"service run", "PATH", "serve a configuration as the service", operateService(servicer.run), serviceRunDetails},
	}
}

// servicer has the commands of the service.
type servicer struct{ *program }

// operateService returns a command of the service.
func operateService(do func(p servicer, ctx context.Context, args []string) error) func(*program, context.Context, []string) error {
	return func(p *program, ctx context.Context, args []string) error { return do(servicer{p}, ctx, args) }
}

// any runs one of serviceCommands.
func (p servicer) any(ctx context.Context, args []string) error {
	return below(ctx, p.program, "service", serviceCommands(), args)
}

// serviceSpec is what a service runs.
type serviceSpec struct {
	// config, envFiles and log are absolute paths.
	config, log string
	envFiles    []string
	account     string
	// stopTime is how long a stop takes at most.
	stopTime time.Duration
}

// arguments returns the command line after the program.
func (s serviceSpec) arguments() []string {
	args := []string{"service", "run", "-log", s.log}
	for _, f := range s.envFiles {
		args = append(args, "-env-file", f)
	}
	return append(args, s.config)
}

// serviceManager is the part of the system that runs services.
type serviceManager interface {
	// install creates or changes the service, and says which.
	install(s serviceSpec) (string, error)
	// start and stop return when the service serves, or has ended.
	start(ctx context.Context) error
	stop(ctx context.Context) error
	reload() error
	remove(ctx context.Context) error
	query() (serviceInfo, error)
	close()
}

// serviceInfo is what the system knows of a service.
type serviceInfo struct {
	// state is what it does, such as "running".
	state string
	// process is the number of its process, 0 for none.
	process uint32
	// exit is the exit status with which it has ended last.
	exit                    uint32
	account, start, command string
	// restarts are the pauses before it is started again, after one failure and the next ones.
	// There are none where the system does not say.
	restarts []time.Duration
}

// running reports whether the service serves.
func (i serviceInfo) running() bool { return i.state == serviceRunning.String() }

// print prints what is known of a service.
func (i serviceInfo) print(w io.Writer) error {
	state := i.state
	switch {
	case i.process != 0:
		state += fmt.Sprintf(", process %d", i.process)
	case i.exit != 0:
		state += fmt.Sprintf(", exit status %d", i.exit)
	}
	rows := [][]string{{"state", state}, {"start", i.start}, {"account", i.account}, {"command", i.command}}
	if len(i.restarts) > 0 {
		rows = append(rows, []string{"restart", "after " + strings.Trim(fmt.Sprint(i.restarts), "[]")})
	}
	return table(w, rows)
}

// inService returns a command that has no flags and no arguments.
func inService(verb string, do func(servicer, context.Context, serviceManager) error) func(*program, context.Context, []string) error {
	return func(p *program, ctx context.Context, args []string) error {
		if _, err := p.parse(newFlags("service "+verb), args, 0, 0); err != nil {
			return err
		}
		m, err := openServiceManager()
		if err != nil {
			return fmt.Errorf("service %s: %w", verb, err)
		}
		defer m.close()
		if err := do(servicer{p}, ctx, m); err != nil {
			return fmt.Errorf("service %s: %w", verb, err)
		}
		return nil
	}
}

func (p servicer) install(_ context.Context, args []string) error {
	set := newFlags("service install")
	var in input
	envFileFlag(set, &in.envFiles)
	spec := serviceSpec{}
	set.StringVar(&spec.log, "log", serviceLogFile(), "the `FILE` of the log. At 64 MiB it is renamed; eight are kept")
	set.StringVar(&spec.account, "account", `NT SERVICE\`+serviceName, "the `NAME` of the account, one without a password, such as a group managed service account or LocalSystem")
	rest, err := p.parse(set, args, 0, 1)
	if err != nil {
		return err
	}
	in.path = serviceData()
	if len(rest) > 0 {
		in.path = rest[0]
	}
	m, err := openServiceManager()
	if err != nil {
		return fmt.Errorf("service install: %w", err)
	}
	defer m.close()
	for _, path := range append([]*string{&in.path, &spec.log}, pointers(in.envFiles)...) {
		if *path, err = filepath.Abs(*path); err != nil {
			return fmt.Errorf("service install: %w", err)
		}
	}
	l := in.loadToServe()
	if err := p.report(l); err != nil {
		return err
	}
	spec.config, spec.envFiles, spec.stopTime = in.path, in.envFiles, l.config.Transfers.DrainDelay+l.config.Transfers.Grace+time.Minute
	what, err := m.install(spec)
	if err != nil {
		return fmt.Errorf("service install: %w", err)
	}
	_, err = fmt.Fprintf(p.stdout, "%s; account: %s; log: %s\n", what, spec.account, spec.log)
	return err
}

// pointers returns the addresses of the elements of a slice.
func pointers(all []string) []*string {
	var to []*string
	for i := range all {
		to = append(to, &all[i])
	}
	return to
}

func (p servicer) start(ctx context.Context, m serviceManager) error {
	if err := m.start(ctx); err != nil {
		return err
	}
	_, err := fmt.Fprintln(p.stdout, "started")
	return err
}

func (p servicer) stop(ctx context.Context, m serviceManager) error {
	if err := m.stop(ctx); err != nil {
		return err
	}
	_, err := fmt.Fprintln(p.stdout, "stopped")
	return err
}

func (p servicer) reload(_ context.Context, m serviceManager) error {
	if err := m.reload(); err != nil {
		return err
	}
	_, err := fmt.Fprintln(p.stdout, "reload requested; the log has the result")
	return err
}

func (p servicer) remove(ctx context.Context, m serviceManager) error {
	if err := m.remove(ctx); err != nil {
		return err
	}
	_, err := fmt.Fprintln(p.stdout, "removed")
	return err
}

func (p servicer) status(_ context.Context, m serviceManager) error {
	info, err := m.query()
	if err != nil {
		return err
	}
	if err := info.print(p.stdout); err != nil {
		return err
	}
	if !info.running() {
		return fmt.Errorf("the service is %s", strings.ToLower(info.state))
	}
	return nil
}

func (p servicer) run(_ context.Context, args []string) error {
	set := newFlags("service run")
	var in input
	envFileFlag(set, &in.envFiles)
	log := set.String("log", "", "the `FILE` of the log")
	rest, err := p.parse(set, args, 1, 1)
	if err != nil {
		return err
	}
	if *log == "" {
		return usageError{"service run: -log is missing", set.Name()}
	}
	in.path = rest[0]
	return runService(in, *log)
}

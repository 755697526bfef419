package main

import (
	"flag"
	"fmt"
	"io"
	"strings"
)

// manual prints the manual page of the program, section 8 (system administration).
func (d describer) manual(args []string) error {
	if _, err := d.parse(newFlags("man"), args, 0, 0); err != nil {
		return err
	}
	_, err := io.WriteString(d.stdout, manualPage())
	return err
}

// manualPage returns the page as man(7) describes it.
func manualPage() string {
	var b strings.Builder
	b.WriteString(`.TH TIDEGATE 8 "" "Tidegate" "System Administration"
.SH NAME
tidegate \- FTP and SFTP gateway in front of Azure Blob Storage
.SH SYNOPSIS
.B tidegate
.I COMMAND
[FLAGS] [ARGUMENTS]
.SH DESCRIPTION
Clients that speak FTP, FTPS or SFTP read and write files in Azure Blob Storage
and other stores. Nothing is kept between two requests, so any number of nodes
can serve behind one load balancer.
.PP
The configuration is a file or a directory of files in HCL. Packages install one
in
.IR /etc/tidegate .
`)
	for _, c := range allCommands() {
		fmt.Fprintf(&b, ".SH %s\n.B tidegate %s\n", strings.ToUpper(roff(c.name)), roff(c.name))
		flags := flagsOf(c)
		if len(flags) > 0 {
			b.WriteString("[FLAGS] ")
		}
		fmt.Fprintf(&b, "%s\n.PP\n%s%s.\n", roff(c.args), strings.ToUpper(c.summary[:1]), roff(c.summary[1:]))
		for _, f := range flags {
			value, usage := flag.UnquoteUsage(f)
			fmt.Fprintf(&b, ".TP\n.B \\-%s", roff(f.Name))
			if value != "" {
				fmt.Fprintf(&b, " \\fI%s\\fR", roff(value))
			}
			fmt.Fprintf(&b, "\n%s\n", roff(usage))
		}
		if c.details != "" {
			fmt.Fprintf(&b, ".PP\n.nf\n%s\n.fi\n", roff(c.details))
		}
	}
	b.WriteString(`.SH SEE ALSO
https://github.com/tidegate/tidegate/blob/main/docs/README.md
`)
	return b.String()
}

// roff returns a text as the formatter prints it unchanged.
func roff(text string) string {
	lines := strings.Split(strings.NewReplacer(`\`, `\e`, "-", `\-`).Replace(text), "\n")
	for i, line := range lines {
		if strings.HasPrefix(line, ".") || strings.HasPrefix(line, "'") {
			lines[i] = `\&` + line
		}
	}
	return strings.Join(lines, "\n")
}

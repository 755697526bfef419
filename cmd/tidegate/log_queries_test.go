package main

import (
	"fmt"
	"maps"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/tidegate/tidegate/internal/observe"
)

// fieldsOfEvents returns the attributes that docs/log.md gives the lines of each event.
// TestLogPage compares its messages with the code.
func fieldsOfEvents(page string) map[string][]string {
	quoted := regexp.MustCompile("`([a-z_0-9]+)`")
	all, section := map[string][]string{}, ""
	for line := range strings.Lines(page) {
		if title, ok := strings.CutPrefix(line, "## "); ok {
			section = strings.TrimSpace(title)
		}
		m := regexp.MustCompile("^\\| (?:DEBUG|INFO|WARN|ERROR)[A-Z, ]* \\| `([^`]*)` \\| ([^|]*) \\|").FindStringSubmatch(line)
		if m == nil {
			continue
		}
		fields := []string{"time", "level", "msg", "node", "event"}
		for _, name := range quoted.FindAllStringSubmatch(m[2], -1) {
			fields = append(fields, name[1])
		}
		// A sum of suppressed lines is about no session.
		if strings.HasPrefix(section, "Sessions") {
			fields = append(fields, "frontend", "proto")
			if !strings.HasPrefix(m[1], "more ") {
				fields = append(fields, "session", "trace_id", "remote_ip", "remote_port", "tenant", "user")
			}
		}
		all[observe.EventOf(m[1])] = fields
	}
	return all
}

// asked is what a query asks for.
type asked struct {
	// events are the names or patterns of events, none for all.
	events []string
	// fields are the attributes that the lines must have.
	fields []string
}

// The shape of the queries in LogQL: a selector, the filters of lines, a range, and what is
// made of it.
var (
	logQL = regexp.MustCompile(`^(?:(?:sum|avg|min|max|count) by \(([a-z_, ]+)\) \()?(?:count_over_time|sum_over_time|rate|bytes_over_time)` +
		`\(\{job="tidegate"\} \| json((?: \| [a-z_]+(?:=|!=|=~|!~)"[^"]*")*)( \| unwrap [a-z_]+)? \[\d+[smhd]\]\)(\)?)(?: (?:>|<|>=|<=|==|!=) \d+(?:\.\d+)?)?$`)
	logQLFilter = regexp.MustCompile(`\| ([a-z_]+)(=~|!~|!=|=)"([^"]*)"`)
)

// parseLogQL returns what a query in LogQL asks for.
func parseLogQL(text string) (q asked, err error) {
	m := logQL.FindStringSubmatch(text)
	if m == nil || (m[1] != "") != (m[4] != "") || strings.Contains(text, "sum_over_time") != (m[3] != "") {
		return q, fmt.Errorf("it is no query of the shape that this test knows: %s", text)
	}
	if m[1] != "" {
		q.fields = strings.Split(m[1], ", ")
	}
	for _, f := range logQLFilter.FindAllStringSubmatch(m[2], -1) {
		q.fields = append(q.fields, f[1])
		if f[1] == "event" {
			q.events = append(q.events, strings.Split(f[3], "|")...)
		}
	}
	if field, ok := strings.CutPrefix(m[3], " | unwrap "); ok {
		q.fields = append(q.fields, field)
	}
	return q, nil
}

// The operators and functions of KQL that the queries have.
var (
	kqlStage = regexp.MustCompile(`^\| (extend|where|summarize|order by|project|take) `)
	kqlCall  = regexp.MustCompile(`\b([a-z_]+)\(`)
	kqlField = regexp.MustCompile(`\be\.([a-z_]+)`)
	kqlEvent = regexp.MustCompile(`e\.event (?:== ("[^"]*")|in \(([^)]*)\))`)
	kqlMade  = regexp.MustCompile(`\b([a-zA-Z_]+) = `)
)

// parseKQL returns what a query in KQL asks for.
func parseKQL(text string) (q asked, err error) {
	lines := strings.Split(strings.TrimSpace(text), "\n")
	if lines[0] != "ContainerLogV2" {
		return q, fmt.Errorf("it begins with %q", lines[0])
	}
	made := []string{"TimeGenerated", "LogMessage"}
	for _, line := range lines[1:] {
		if !kqlStage.MatchString(line) {
			return q, fmt.Errorf("%q is no stage", line)
		}
		if strings.Count(line, "(") != strings.Count(line, ")") || strings.Count(line, `"`)%2 != 0 {
			return q, fmt.Errorf("a bracket or a quote is missing in %q", line)
		}
		for _, call := range kqlCall.FindAllStringSubmatch(line, -1) {
			if !slices.Contains([]string{"parse_json", "tostring", "toint", "bin", "count", "make_set", "in"}, call[1]) {
				return q, fmt.Errorf("there is no function %s", call[1])
			}
		}
		if by, ok := strings.CutPrefix(line, "| order by "); ok && !slices.Contains(made, strings.Fields(by)[0]) {
			return q, fmt.Errorf("%q orders by what is not there", line)
		}
		for _, name := range kqlMade.FindAllStringSubmatch(line, -1) {
			made = append(made, name[1])
		}
		for _, field := range kqlField.FindAllStringSubmatch(line, -1) {
			q.fields = append(q.fields, field[1])
		}
		for _, m := range kqlEvent.FindAllStringSubmatch(line, -1) {
			for _, name := range regexp.MustCompile(`"([^"]*)"`).FindAllStringSubmatch(m[1]+m[2], -1) {
				q.events = append(q.events, name[1])
			}
		}
	}
	return q, nil
}

// The queries of docs/log.md can be parsed, and ask for events that the program writes and
// for attributes that the lines of these events have.
func TestLogQueries(t *testing.T) {
	text, err := os.ReadFile(logPage)
	if err != nil {
		t.Fatal(err)
	}
	page := string(text)
	_, queries, found := strings.Cut(page, "## Queries to alert on")
	if !found {
		t.Fatal("docs/log.md has no queries")
	}
	written := map[string]bool{}
	for message := range logged(t) {
		written[observe.EventOf(message)] = true
	}
	fields := fieldsOfEvents(page)
	n := 0
	for _, block := range regexp.MustCompile("(?s)```\n(.*?)```").FindAllStringSubmatch(queries, -1) {
		var all []asked
		if strings.HasPrefix(block[1], "ContainerLogV2") {
			q, err := parseKQL(block[1])
			if err != nil {
				t.Errorf("%v, in the query\n%s", err, block[1])
			}
			all = append(all, q)
		} else {
			for line := range strings.Lines(block[1]) {
				if strings.HasPrefix(line, "#") {
					continue
				}
				q, err := parseLogQL(strings.TrimSpace(line))
				if err != nil {
					t.Error(err)
				}
				all = append(all, q)
			}
		}
		for _, q := range all {
			n++
			checkAsked(t, q, written, fields)
		}
	}
	if n < 9 {
		t.Errorf("there are %d queries: this test does not find them", n)
	}
}

// checkAsked checks a query against the events that are written, and their attributes.
func checkAsked(t *testing.T, q asked, written map[string]bool, fields map[string][]string) {
	t.Helper()
	var of []string
	for _, name := range q.events {
		pattern, err := regexp.Compile("^(?:" + name + ")$")
		if err != nil {
			t.Errorf("a query asks for the event %s: %v", name, err)
			continue
		}
		before := len(of)
		for event := range written {
			if pattern.MatchString(event) {
				of = append(of, event)
			}
		}
		if len(of) == before {
			t.Errorf("a query asks for the event %s, which nothing writes", name)
		}
	}
	if len(q.events) == 0 {
		of = slices.Collect(maps.Keys(written))
	}
	for _, field := range q.fields {
		if !slices.ContainsFunc(of, func(event string) bool { return slices.Contains(fields[event], field) }) {
			t.Errorf("a query asks for the attribute %s of %v, which have none", field, of)
		}
	}
}

// The test finds what is wrong with a query.
func TestLogQueriesAreParsed(t *testing.T) {
	const good = `sum by (node) (count_over_time({job="tidegate"} | json | event="a" [5m])) > 3`
	if q, err := parseLogQL(good); err != nil || !slices.Equal(q.events, []string{"a"}) || !slices.Equal(q.fields, []string{"node", "event"}) {
		t.Errorf("%+v, %v", q, err)
	}
	for _, change := range [][2]string{{`[5m]))`, `[5m])`}, {`[5m]`, `[5]`}, {`="a"`, `="a`}, {`by (node) (`, `by node (`}, {`| json`, `json`}, {`count_over_time`, `sum_over_time`}} {
		if _, err := parseLogQL(strings.Replace(good, change[0], change[1], 1)); err == nil {
			t.Errorf("%s for %s is taken", change[1], change[0])
		}
	}
	const kql = "ContainerLogV2\n| extend e = parse_json(tostring(LogMessage))\n| where e.event in (\"a\", \"b\")\n| summarize n = count() by node = tostring(e.node)\n| order by n desc\n"
	if q, err := parseKQL(kql); err != nil || !slices.Equal(q.events, []string{"a", "b"}) || !slices.Equal(q.fields, []string{"event", "node"}) {
		t.Errorf("%+v, %v", q, err)
	}
	for _, change := range [][2]string{{`count()`, `count(`}, {`tostring`, `text`}, {`| where`, `where`}, {`by n desc`, `by m desc`}, {`"b"`, `b"`}} {
		if _, err := parseKQL(strings.Replace(kql, change[0], change[1], 1)); err == nil {
			t.Errorf("%s for %s is taken", change[1], change[0])
		}
	}
}

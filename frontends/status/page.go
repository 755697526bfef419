package status

import (
	"bytes"
	"context"
	"embed"
	"fmt"
	"html/template"
	"net/http"
	"strconv"
	"strings"
	"time"
)

//go:embed page
var files embed.FS

const (
	// shownSessions is how many sessions the page has at most.
	shownSessions = 200
	// refresh is the time between two events of the page.
	refresh = time.Second
)

// page has everything that the page shows.
type page struct {
	Report   Report
	Find     string
	Plot     plot
	Sessions []Session
	// More counts the sessions that are not shown.
	More     int
	Refusals []Refusal
}

// plot has the throughput as points of polylines, in a field of 180 by 100.
type plot struct {
	In, Out string
	// Most is the rate at the top.
	Most float64
}

// parsePage returns the template of the page.
func parsePage() (*template.Template, error) {
	return template.New("page.html").Funcs(template.FuncMap{
		"size": sizeText, "rate": func(r float64) string { return sizeText(int64(max(r, 0))) + "/s" },
		"age":          ageText,
		"milliseconds": func(s float64) string { return strconv.FormatFloat(s*1000, 'f', 0, 64) + " ms" },
		"words":        func(event string) string { return strings.ReplaceAll(event, "_", " ") },
	}).ParseFS(files, "page/page.html")
}

// page returns what the page shows. find limits the sessions and refusals to those with a text
// in the names or addresses.
func (s *Server) page(ctx context.Context, find string) page {
	p := page{Report: s.report(ctx), Find: find, Plot: s.plot()}
	for _, one := range busiest(s.sessions()) {
		switch {
		case !found(find, one.Tenant+"/"+one.User, one.Remote, one.ID, one.Frontend):
		case len(p.Sessions) == shownSessions:
			p.More++
		default:
			p.Sessions = append(p.Sessions, one)
		}
	}
	for _, r := range p.Report.Refusals {
		if found(find, r.User, r.Remote) {
			p.Refusals = append(p.Refusals, r)
		}
	}
	return p
}

func found(find string, among ...string) bool {
	find = strings.ToLower(find)
	for _, text := range among {
		if strings.Contains(strings.ToLower(text), find) {
			return true
		}
	}
	return false
}

func (s *Server) plot() plot {
	in, out := s.history.rates()
	p := plot{Most: 1}
	for i := range in {
		p.Most = max(p.Most, in[i], out[i])
	}
	p.In, p.Out = points(in, p.Most), points(out, p.Most)
	return p
}

// points returns the points of a polyline that ends at the right.
func points(rates []float64, most float64) string {
	var b strings.Builder
	for i, r := range rates {
		if i == 0 { // a line has two points
			fmt.Fprintf(&b, "%d,%.1f ", samples-len(rates), 100-100*r/most)
		}
		fmt.Fprintf(&b, "%d,%.1f ", samples-len(rates)+i+1, 100-100*r/most)
	}
	return strings.TrimSpace(b.String())
}

// showPage answers with the page.
func (s *Server) showPage(w http.ResponseWriter, r *http.Request) {
	var b bytes.Buffer
	if err := s.template.Execute(&b, s.page(r.Context(), r.FormValue("find"))); err != nil {
		s.log.Error("status page failed", "err", err)
		http.Error(w, "The page cannot be made, see the log.", http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	_, _ = w.Write(b.Bytes()) // the client may be gone
}

// events sends the changing part of the page once a second, until the client leaves or the
// server ends.
func (s *Server) events(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Type", "text/event-stream")
	w.Header().Set("X-Accel-Buffering", "no")
	control, find := http.NewResponseController(w), r.FormValue("find")
	ticker := time.NewTicker(refresh)
	defer ticker.Stop()
	for {
		var b bytes.Buffer
		if err := s.template.ExecuteTemplate(&b, "live", s.page(r.Context(), find)); err != nil {
			s.log.Error("status page failed", "err", err)
			return
		}
		text := "data: " + strings.ReplaceAll(b.String(), "\n", "\ndata: ") + "\n\n"
		_ = control.SetWriteDeadline(time.Now().Add(writeTimeout)) // every connection has one
		if _, err := w.Write([]byte(text)); err != nil {
			return
		}
		if control.Flush() != nil {
			return
		}
		select {
		case <-r.Context().Done():
			return
		case <-ticker.C:
		}
	}
}

// asset serves a file of the page.
func (*Server) asset(w http.ResponseWriter, r *http.Request) {
	http.ServeFileFS(w, r, files, "page/"+r.PathValue("name"))
}

// sizeText returns a number of bytes for people.
func sizeText(n int64) string {
	units, unit, f := []string{"B", "KiB", "MiB", "GiB", "TiB"}, 0, float64(n)
	for f >= 1024 && unit < len(units)-1 {
		f, unit = f/1024, unit+1
	}
	if unit == 0 || f >= 100 {
		return strconv.FormatFloat(f, 'f', 0, 64) + " " + units[unit]
	}
	return strconv.FormatFloat(f, 'f', 1, 64) + " " + units[unit]
}

// ageText returns how long ago something was. then is a time.Time or a pointer to one.
func ageText(now time.Time, then any) string {
	at, ok := then.(time.Time)
	if p, isPointer := then.(*time.Time); isPointer {
		at, ok = *p, true
	}
	d := max(now.Sub(at), 0)
	switch {
	case !ok:
		return ""
	case d < time.Minute:
		return strconv.Itoa(int(d.Seconds())) + " s"
	case d < time.Hour:
		return strconv.Itoa(int(d.Minutes())) + " min"
	case d < 48*time.Hour:
		return fmt.Sprintf("%d h %d min", int(d.Hours()), int(d.Minutes())%60)
	}
	return strconv.Itoa(int(d.Hours()/24)) + " days"
}

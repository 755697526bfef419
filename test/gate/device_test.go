package gate

import (
	"bytes"
	"context"
	"fmt"
	"slices"
	"strconv"
	"time"

	"github.com/tidegate/tidegate/internal/testing/ftpclient"
)

// tally counts what a device did and what happened to it.
type tally struct {
	transfers int
	// retries counts the answers 425 and 451, refused by code.
	refused map[int]int
	// failures are what should not have happened, crossed what must not.
	failures, crossed []string
	// waits are the times between PASV or EPSV and the answer.
	waits []time.Duration
}

// device is an honest session.
type device struct {
	tally
	site *site
	id   int
	conn *ftpclient.Conn
	// retries is how often a transfer that was answered 425 or 451 is tried
	// again.
	retries int
	files   int

	// What the trace saw: when a port was asked for, whether a transfer has no
	// final reply yet, and the last final reply.
	asked   time.Time
	running bool
	reply   int
}

// connect opens the device's session. Devices differ as clients do: in how they
// ask for ports, and in whether they begin TLS before the command.
func connect(ctx context.Context, s *site, id, retries int) (*device, error) {
	d := &device{site: s, id: id, retries: retries, tally: tally{refused: map[int]int{}}}
	o := ftpclient.Options{HandshakeFirst: id%2 == 1, Trace: d.trace}
	if id%4 >= 2 {
		o.Data = ftpclient.PASV
	}
	var err error
	if d.conn, err = s.login(ctx, o); err != nil {
		return nil, err
	}
	if _, err = d.conn.Mkdir(d.dir()); err == nil {
		err = d.conn.Cd(d.dir())
	}
	if err != nil {
		d.conn.Close()
		return nil, err
	}
	return d, nil
}

func (d *device) trace(direction byte, line string) {
	if direction == '>' {
		if line == "EPSV" || line == "PASV" {
			d.asked = time.Now()
		}
		return
	}
	code, err := strconv.Atoi(line[:min(3, len(line))])
	if err != nil {
		return
	}
	if !d.asked.IsZero() {
		d.waits = append(d.waits, time.Since(d.asked))
		d.asked = time.Time{}
	}
	d.running, d.reply = code < 200, code
	if code == 421 {
		d.failures = append(d.failures, fmt.Sprintf("device %d: %s", d.id, line))
	}
}

func (d *device) dir() string { return fmt.Sprintf("/device%03d", d.id) }

func name(file int) string { return fmt.Sprintf("file%03d", file) }

// content is what the device stores as its file: nothing, one byte, or 64 KiB
// that say whose they are.
func (d *device) content(file int) []byte {
	switch (d.id + file) % 3 {
	case 0:
		return []byte{}
	case 1:
		return []byte{byte(31*d.id + 7*file)}
	}
	line := fmt.Sprintf("device %03d, %s\n", d.id, name(file))
	const size = 64 << 10
	return bytes.Repeat([]byte(line), size/len(line)+1)[:size]
}

// work uploads at least so many files, and further ones until more is closed, then
// lists them and reads some back. It ends at the first failure.
func (d *device) work(uploads, downloads int, more <-chan struct{}) {
	for ended := false; len(d.failures) == 0 && (d.files < uploads || !ended); {
		select {
		case <-more:
			ended = true
		default:
		}
		d.upload()
		if d.files%8 == 0 {
			d.download(d.files / 2)
			d.list()
		}
	}
	d.list()
	for i := range downloads {
		d.download(d.files - 1 - i)
	}
	if len(d.failures) == 0 {
		d.check("QUIT", d.conn.Quit())
	}
}

func (d *device) upload() {
	file := d.files
	content := d.content(file)
	d.transfer("STOR "+name(file), func() error { return d.conn.Put(name(file), bytes.NewReader(content)) }, func(err error) {
		d.files++
		// The server's word counts, whatever this end saw.
		d.site.acknowledged(d.dir()+"/"+name(file), content)
		d.check("STOR with 226", err)
	})
}

func (d *device) download(file int) {
	var got bytes.Buffer
	d.transfer("RETR "+name(file), func() error {
		got.Reset()
		_, err := d.conn.Get(name(file), 0, &got)
		return err
	}, func(err error) {
		d.check("RETR with 226", err)
		if want := d.content(file); !bytes.Equal(got.Bytes(), want) {
			d.crossed = append(d.crossed, fmt.Sprintf("device %d downloads %s and gets %s, not %s",
				d.id, name(file), excerpt(got.Bytes()), excerpt(want)))
		}
	})
}

func (d *device) list() {
	var got []string
	d.transfer("listing", func() (err error) {
		if d.id%2 == 0 {
			got, err = d.conn.NLST("")
			return err
		}
		got = nil
		entries, err := d.conn.MLSD("")
		for _, e := range entries {
			if !e.IsDir() {
				got = append(got, e.Name)
			}
		}
		return err
	}, func(err error) {
		d.check("listing with 226", err)
		var want []string
		for i := range d.files {
			want = append(want, name(i))
		}
		slices.Sort(got)
		if !slices.Equal(got, want) {
			d.crossed = append(d.crossed, fmt.Sprintf("device %d lists %q, not its %d files", d.id, got, d.files))
		}
	})
}

// transfer tries until the final reply is neither 425 nor 451. After a 226 it calls
// done with what went wrong at this end.
func (d *device) transfer(what string, try func() error, done func(error)) {
	if len(d.failures) > 0 {
		return
	}
	for tries := 0; ; tries++ {
		d.running, d.reply = false, 0
		err := try()
		for d.running {
			// This end failed first: the final reply is under way.
			if _, lost := d.conn.Receive(); lost != nil {
				d.check(what, fmt.Errorf("%w, and no reply: %w", err, lost))
				return
			}
		}
		if err == nil || d.reply == 226 {
			d.transfers++
			done(err)
			return
		}
		if d.reply != 425 && d.reply != 451 || tries == d.retries {
			d.check(fmt.Sprintf("%s, try %d, reply %d", what, tries+1, d.reply), err)
			return
		}
		d.refused[d.reply]++
	}
}

func (d *device) check(what string, err error) {
	if err != nil {
		d.failures = append(d.failures, fmt.Sprintf("device %d: %s: %v", d.id, what, err))
	}
}

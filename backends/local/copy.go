package local

import (
	"context"
	"io"
)

// stride is how many bytes are copied between two checks of the context.
const stride = 4 << 20

// transfer copies src to dst until its end. It uses io.Copy, so that the kernel moves the
// bytes where it can: from file to file by copy_file_range, from file to socket by
// sendfile, from socket to file by splice.
func transfer(ctx context.Context, dst io.Writer, src io.Reader) (int64, error) {
	var total int64
	for {
		if err := canceled(ctx); err != nil {
			return total, err
		}
		n, err := io.Copy(dst, &io.LimitedReader{R: src, N: stride})
		total += n
		if err != nil || n < stride {
			return total, err
		}
	}
}

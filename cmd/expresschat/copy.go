package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"expresschat/media/bucket"
)

// copyFiles copies all files from where the server has them to another bucket, beside a server that
// runs or without one. args are those behind the command's name. It takes as long as it takes.
func copyFiles(ctx context.Context, args, environ []string, stdout io.Writer) error {
	if len(args) != 2 || args[0] != "copy" || args[1] == "" { // somebody's variable was empty
		return errUsage
	}
	c, err := readConfig(environ)
	if err != nil {
		return err
	}
	dir := filepath.Join(c.DataDir, "media")
	if _, err := os.Stat(dir); err != nil && c.MediaURL == "" { // or else it is made, and has no files
		return fmt.Errorf("there are no files in %s: set CHAT_DATA_DIR or CHAT_MEDIA_URL as the server has them", c.DataDir)
	}
	from, err := bucket.Open(ctx, c.MediaURL, dir)
	if err != nil {
		return fmt.Errorf("%w (%w)", wrong("CHAT_MEDIA_URL", wantMediaURL), err)
	}
	defer from.Close()
	to, err := bucket.Open(ctx, args[1], "")
	if err != nil {
		return fmt.Errorf(`copy to "s3://bucket?region=eu-central-1", "file:///folder" or the like (%w)`, err)
	}
	defer to.Close()
	done, err := from.CopyTo(ctx, to)
	if err == nil || done.Files > 0 {
		fmt.Fprintf(stdout, "%d files of %d bytes copied, %d were there\n", done.Files, done.Bytes, done.There)
	}
	return err
}

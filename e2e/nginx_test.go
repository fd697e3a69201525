package e2e

import (
	"bytes"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

var errNoNginx = errors.New("nginx is needed, on the PATH or in /usr/sbin: these tests put the real one in front of the server")

// upstream is the server as deploy/nginx.conf names it.
const upstream = "http://127.0.0.1:8080"

// nginxFrame holds the parts of deploy/nginx.conf that are tested. It writes nowhere but
// below its own folder, which is that of whoever runs the tests.
const nginxFrame = `
daemon off;
user root;
worker_processes 1;
pid nginx.pid;
events { worker_connections 512; }
http {
	access_log off;
	client_body_temp_path body;
	proxy_temp_path proxy;
	fastcgi_temp_path fastcgi;
	uwsgi_temp_path uwsgi;
	scgi_temp_path scgi;
	%s
	server {
		listen %s;
		%s
	}
}
`

// startNginx puts nginx in front of a server, set up as operators are told to, and
// returns its address.
func startNginx(t *testing.T, s *server) string {
	t.Helper()
	program, err := findNginx()
	if err != nil {
		t.Fatal(err)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	socket, err := l.(*net.TCPListener).File()
	_ = l.Close()
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = socket.Close() }()
	address := l.Addr().String()
	dir := t.TempDir()
	conf := filepath.Join(dir, "nginx.conf")
	if err := os.WriteFile(conf, nginxConf(t, s, address), 0o600); err != nil {
		t.Fatal(err)
	}

	var said bytes.Buffer
	cmd := exec.Command(program, "-p", dir, "-c", conf, "-e", "stderr")
	// It takes over a socket that listens already, as at an upgrade of its own: so the
	// port is surely free, and nobody has to wait for it to listen.
	cmd.ExtraFiles = []*os.File{socket}
	cmd.Env = append(os.Environ(), "NGINX=3;")
	cmd.Stdout, cmd.Stderr = &said, &said
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGTERM}
	if err := cmd.Start(); err != nil {
		t.Fatalf("start nginx: %v", err)
	}
	t.Cleanup(func() {
		_ = cmd.Process.Signal(syscall.SIGTERM)
		late := time.AfterFunc(patience, func() { _ = cmd.Process.Kill() })
		defer late.Stop()
		if err := cmd.Wait(); err != nil {
			t.Errorf("nginx ended with %v", err)
		}
		if t.Failed() {
			t.Logf("nginx said:\n%s", withoutTokens(said.String()))
		}
	})
	return "http://" + address
}

func findNginx() (string, error) {
	for _, name := range []string{"nginx", "/usr/sbin/nginx", "/usr/local/sbin/nginx"} {
		if path, err := exec.LookPath(name); err == nil {
			return path, nil
		}
	}
	return "", errNoNginx
}

// nginxConf is deploy/nginx.conf without names, certificates and ports.
func nginxConf(t *testing.T, s *server, listen string) []byte {
	t.Helper()
	raw, err := os.ReadFile("../deploy/nginx.conf")
	if err != nil {
		t.Fatal(err)
	}
	location := confBlock(t, string(raw), "\tlocation / {")
	if strings.Count(location, upstream) != 1 {
		t.Fatalf("deploy/nginx.conf does not pass everything to %s", upstream)
	}
	location = strings.Replace(location, upstream, s.url, 1)
	return fmt.Appendf(nil, nginxFrame, confBlock(t, string(raw), "map "), listen, location)
}

// confBlock cuts the one block that begins with head out of a configuration.
func confBlock(t *testing.T, conf, head string) string {
	t.Helper()
	_, block, found := strings.Cut(conf, "\n"+head)
	depth := strings.Count(head, "{")
	for i, c := range block {
		switch c {
		case '{':
			depth++
		case '}':
			if depth--; depth == 0 {
				return head + block[:i+1]
			}
		}
	}
	t.Fatalf("deploy/nginx.conf has no whole block %q (found: %v)", head, found)
	return ""
}

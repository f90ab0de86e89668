/** A TCP proxy as Debian packages it, and how it is told to pass on to a server behind it. */
export interface Proxy {
  /** Of its only process, in the foreground, which is then the one whose CPU is read. */
  command(directory: string): string[]
  configuration(directory: string, port: number, backendPort: number): string
}

export const proxies: Readonly<Record<string, Proxy>> = {
  haproxy: {
    command: (directory) => ['haproxy', '-db', '-q', '-f', `${directory}/configuration`],
    configuration: (_, port, backendPort) => `
global
  nbthread 1
  maxconn 4096
defaults
  mode tcp
  timeout connect 10s
  timeout client 1h
  timeout server 1h
listen echo
  bind 127.0.0.1:${port} backlog 511
  server one 127.0.0.1:${backendPort}
`,
  },
  nginx: {
    command: (directory) => [
      'nginx',
      ...['-p', directory, '-e', `${directory}/error.log`, '-c', `${directory}/configuration`],
    ],
    // Without a master there is one process to measure and to end; its loop is that of a worker.
    configuration: (directory, port, backendPort) => `
load_module ${nginxStreamModule};
daemon off;
master_process off;
pid ${directory}/pid;
error_log ${directory}/error.log;
events {
  worker_connections 8192;
}
stream {
  server {
    listen 127.0.0.1:${port} backlog=511;
    proxy_pass 127.0.0.1:${backendPort};
    proxy_timeout 1h;
    tcp_nodelay on;
  }
}
`,
  },
}

/** Where Debian's libnginx-mod-stream has it. */
export const nginxStreamModule = '/usr/lib/nginx/modules/ngx_stream_module.so'

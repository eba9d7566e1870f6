package io.revfs.testing.server;

import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;

/** A real nginx over a directory: {@code /dav/} with WebDAV, {@code /pub/} to read. */
public final class NginxServer implements Closeable {
  private final ServerProcess process;
  private final int port;

  private NginxServer(ServerProcess process, int port) {
    this.process = process;
    this.port = port;
  }

  /** Starts one that serves {@code files}; its own files go to {@code directory}. */
  public static NginxServer start(Path directory, Path files) throws IOException {
    int port = ServerProcess.freePort();
    Path users = directory.resolve("users");
    Files.writeString(users, "test:{PLAIN}test\n");
    Path temporary = Files.createDirectories(directory.resolve("tmp"));
    for (Path path : List.of(temporary, files)) {
      Files.setPosixFilePermissions(path, PosixFilePermissions.fromString("rwxrwxrwx"));
    }
    String user = System.getProperty("user.name").equals("root") ? "user root;" : "";
    Path configuration = directory.resolve("nginx.conf");
    Files.writeString(
        configuration,
        """
        load_module /usr/lib/nginx/modules/ngx_http_dav_ext_module.so;
        daemon off; %s pid %s/nginx.pid; error_log stderr warn; worker_processes 1;
        events {}
        http {
          access_log off; client_max_body_size 0;
          client_body_temp_path %s/body; proxy_temp_path %s/proxy; fastcgi_temp_path %s/fastcgi;
          uwsgi_temp_path %s/uwsgi; scgi_temp_path %s/scgi;
          server {
            listen 127.0.0.1:%d;
            # nginx wants the slash that clients leave out
            if ($request_method = MKCOL) { rewrite ^(.*[^/])$ $1/; }
            location /dav {
              alias %s; auth_basic t; auth_basic_user_file %s;
              dav_methods PUT DELETE MKCOL COPY MOVE; dav_ext_methods PROPFIND OPTIONS;
              create_full_put_path on;
            }
            location /pub/ { alias %s/; }
          }
        }
        """
            .formatted(
                user, directory, temporary, temporary, temporary, temporary, temporary, port, files,
                users, files));
    ServerProcess process =
        ServerProcess.start(
            directory.resolve("nginx.log"),
            port,
            List.of("/usr/sbin/nginx", "-e", "stderr", "-c", configuration.toString()));
    return new NginxServer(process, port);
  }

  /** Returns the URL of the read-write place, without its scheme. */
  public String dav() {
    return "127.0.0.1:" + port + "/dav";
  }

  /** Returns the URL of the place to read. */
  public String pub() {
    return "http://127.0.0.1:" + port + "/pub";
  }

  @Override
  public void close() {
    process.close();
  }
}

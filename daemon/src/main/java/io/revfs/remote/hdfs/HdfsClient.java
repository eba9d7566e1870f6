package io.revfs.remote.hdfs;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.revfs.remote.RemoteConfigurationException;
import io.revfs.remote.RemoteSettings;
import java.io.Closeable;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.URI;
import java.nio.file.Files;
import java.security.PrivilegedExceptionAction;
import java.util.List;
import java.util.Optional;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.security.UserGroupInformation;
import org.apache.hadoop.security.token.Token;
import org.apache.hadoop.security.token.TokenIdentifier;
import org.jspecify.annotations.Nullable;

/**
 * Hadoop's client for DVC's options over the cluster's own configuration ({@code HADOOP_CONF_DIR}
 * of the daemon); connects at the first request.
 */
final class HdfsClient implements Closeable {
  private static final List<String> UNSUPPORTED =
      List.of("password", "proxy_to", "data_proxy_target");

  private final RemoteSettings settings;
  private final URI authority;
  private final String root;
  private final Configuration configuration;

  @GuardedBy("this")
  private @Nullable FileSystem files;

  private HdfsClient(
      RemoteSettings settings, URI authority, String root, Configuration configuration) {
    this.settings = settings;
    this.authority = authority;
    this.root = root;
    this.configuration = configuration;
  }

  static HdfsClient of(RemoteSettings settings) throws RemoteConfigurationException {
    URI uri;
    try {
      uri = URI.create(settings.url().replace(" ", "%20"));
    } catch (IllegalArgumentException e) {
      throw new RemoteConfigurationException(settings.name(), "the URL is malformed", e);
    }
    if (uri.getHost() == null && uri.getAuthority() == null) {
      throw new RemoteConfigurationException(settings.name(), "no name node in the URL");
    }
    for (String option : UNSUPPORTED) {
      if (settings.option(option).isPresent()) {
        throw new RemoteConfigurationException(
            settings.name(), "'" + option + "' is not supported; use user, token or kerberos");
      }
    }
    Configuration configuration = new Configuration();
    Optional<java.nio.file.Path> directory =
        settings.variable("HADOOP_CONF_DIR").map(java.nio.file.Path::of);
    for (String file : List.of("core-site.xml", "hdfs-site.xml")) {
      directory
          .map(d -> d.resolve(file))
          .filter(Files::isReadable)
          .ifPresent(f -> configuration.addResource(new Path(f.toUri())));
    }
    settings.option("replication").ifPresent(r -> configuration.set("dfs.replication", r));
    long connect = settings.limits().connectTimeout().toMillis();
    long read = settings.limits().readTimeout().toMillis();
    configuration.set("ipc.client.connect.timeout", Long.toString(connect));
    configuration.set("ipc.client.rpc-timeout.ms", Long.toString(read));
    configuration.set("ipc.client.connect.max.retries", "1"); // retries are RetryingRemote's
    configuration.set("ipc.client.connect.max.retries.on.timeouts", "1");
    configuration.set("dfs.webhdfs.socket.connect-timeout", connect + "ms");
    configuration.set("dfs.webhdfs.socket.read-timeout", read + "ms");
    if (settings.flag("kerberos", false) || settings.option("kerb_ticket").isPresent()) {
      configuration.set("hadoop.security.authentication", "kerberos");
    }
    String scheme =
        uri.getScheme().equals("webhdfs") && settings.flag("use_https", false)
            ? "swebhdfs"
            : uri.getScheme();
    String host = uri.getHost() == null ? uri.getAuthority() : uri.getHost();
    String port = uri.getPort() < 0 ? "" : ":" + uri.getPort();
    String path = uri.getPath() == null ? "" : uri.getPath().replaceAll("/+$", "");
    Optional<String> user =
        settings.option("user").or(() -> Optional.ofNullable(uri.getUserInfo()));
    return new HdfsClient(
        user.isPresent() ? withUser(settings, user.get()) : settings,
        URI.create(scheme + "://" + host + port),
        path.isEmpty() ? "/" : path,
        configuration);
  }

  private static RemoteSettings withUser(RemoteSettings settings, String user) {
    var options = new java.util.HashMap<>(settings.options());
    options.put("user", user);
    return new RemoteSettings(
        settings.name(), settings.url(), options, settings.limits(), settings.environment());
  }

  Path path(String key) {
    // Not from text: a key may hold a colon.
    return new Path(null, null, key.isEmpty() ? root : root.replaceAll("/+$", "") + "/" + key);
  }

  synchronized FileSystem files() throws IOException {
    FileSystem known = files;
    if (known == null) {
      known = connect();
      files = known;
    }
    return known;
  }

  private FileSystem connect() throws IOException {
    UserGroupInformation user = user();
    try {
      return user.doAs(
          (PrivilegedExceptionAction<FileSystem>)
              () -> FileSystem.newInstance(authority, configuration));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new InterruptedIOException("interrupted while connecting to " + settings.describe());
    }
  }

  private UserGroupInformation user() throws IOException {
    Optional<String> name = settings.option("user");
    Optional<String> ticket = settings.option("kerb_ticket");
    UserGroupInformation user;
    if (ticket.isPresent()) {
      user = UserGroupInformation.getUGIFromTicketCache(ticket.get(), name.orElse(null));
    } else if (settings.flag("kerberos", false)) {
      user =
          UserGroupInformation.getUGIFromTicketCache(
              null, settings.option("kerberos_principal").orElse(null));
    } else {
      user =
          UserGroupInformation.createRemoteUser(
              name.orElseGet(() -> System.getProperty("user.name")));
    }
    Optional<String> text = settings.option("token");
    if (text.isPresent()) {
      Token<TokenIdentifier> token = new Token<>();
      token.decodeFromUrlString(text.get());
      user.addToken(token);
    }
    return user;
  }

  @Override
  public synchronized void close() {
    FileSystem known = files;
    files = null;
    if (known != null) {
      try {
        known.close();
      } catch (IOException e) {
        // Its connections are gone with it.
      }
    }
  }
}

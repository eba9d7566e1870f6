package io.revfs.remote;

import java.io.Closeable;
import java.io.File;
import java.io.IOException;
import java.net.URI;
import java.time.Duration;
import java.util.Optional;
import org.apache.commons.vfs2.CacheStrategy;
import org.apache.commons.vfs2.FileObject;
import org.apache.commons.vfs2.FileSystemException;
import org.apache.commons.vfs2.FileSystemOptions;
import org.apache.commons.vfs2.auth.StaticUserAuthenticator;
import org.apache.commons.vfs2.cache.NullFilesCache;
import org.apache.commons.vfs2.impl.DefaultFileSystemConfigBuilder;
import org.apache.commons.vfs2.impl.DefaultFileSystemManager;
import org.apache.commons.vfs2.provider.UriParser;
import org.apache.commons.vfs2.provider.http4.Http4FileProvider;
import org.apache.commons.vfs2.provider.http4.Http4FileSystemConfigBuilder;
import org.apache.commons.vfs2.provider.http4s.Http4sFileProvider;
import org.apache.commons.vfs2.provider.sftp.IdentityInfo;
import org.apache.commons.vfs2.provider.sftp.SftpFileProvider;
import org.apache.commons.vfs2.provider.sftp.SftpFileSystemConfigBuilder;
import org.apache.commons.vfs2.provider.webdav4.Webdav4FileProvider;
import org.apache.commons.vfs2.provider.webdav4s.Webdav4sFileProvider;

/** One connection of Commons VFS's: a manager of its own, for one thread at a time. */
@SuppressWarnings("deprecation") // WebDAV comes only with the provider of HttpClient 4
final class VfsConnection implements Closeable {
  private final DefaultFileSystemManager manager;
  private final FileObject root;

  private VfsConnection(DefaultFileSystemManager manager, FileObject root) {
    this.manager = manager;
    this.root = root;
  }

  /** Opens connections to one remote. */
  record Factory(String scheme, String url, FileSystemOptions options) {
    boolean isPlainHttp() {
      return scheme.startsWith("http");
    }

    VfsConnection connect() throws FileSystemException {
      DefaultFileSystemManager manager = new DefaultFileSystemManager();
      manager.addProvider(
          scheme,
          switch (scheme) {
            case "sftp" -> new SftpFileProvider();
            case "http4" -> new Http4FileProvider();
            case "http4s" -> new Http4sFileProvider();
            case "webdav4" -> new Webdav4FileProvider();
            default -> new Webdav4sFileProvider();
          });
      manager.setFilesCache(new NullFilesCache());
      manager.setCacheStrategy(CacheStrategy.MANUAL);
      try {
        manager.init();
        return new VfsConnection(manager, manager.resolveFile(url, options));
      } catch (FileSystemException | RuntimeException e) {
        manager.close();
        throw e;
      }
    }
  }

  /** Reads DVC's options for {@code ssh}, {@code http(s)} and {@code webdav(s)} remotes. */
  static Factory factory(RemoteSettings settings) throws IOException {
    URI uri;
    try {
      uri = URI.create(settings.url().replace(" ", "%20"));
    } catch (IllegalArgumentException e) {
      throw new IOException("remote '" + settings.name() + "': the URL is malformed", e);
    }
    FileSystemOptions options = new FileSystemOptions();
    String scheme =
        switch (uri.getScheme()) {
          case "ssh", "sftp" -> "sftp";
          case "http" -> "http4";
          case "https" -> "http4s";
          case "webdav" -> "webdav4";
          default -> "webdav4s";
        };
    Optional<String> user =
        settings
            .option("user")
            .or(() -> Optional.ofNullable(uri.getUserInfo()).map(i -> i.split(":")[0]));
    Optional<String> password =
        settings
            .option("password")
            .or(
                () ->
                    Optional.ofNullable(uri.getUserInfo())
                        .filter(i -> i.contains(":"))
                        .map(i -> i.substring(i.indexOf(':') + 1)));
    if (user.isEmpty() && scheme.equals("sftp")) {
      user = Optional.of(System.getProperty("user.name"));
    }
    if (user.isPresent()) {
      DefaultFileSystemConfigBuilder.getInstance()
          .setUserAuthenticator(
              options, new StaticUserAuthenticator(null, user.get(), password.orElse(null)));
    }
    if (scheme.equals("sftp")) {
      ssh(settings, options);
    } else {
      http(settings, scheme, options);
    }
    int port = settings.option("port").map(Integer::parseInt).orElse(uri.getPort());
    String path = uri.getRawPath() == null || uri.getRawPath().isEmpty() ? "/" : uri.getRawPath();
    String url = scheme + "://" + uri.getHost() + (port > 0 ? ":" + port : "") + path;
    return new Factory(scheme, url, options);
  }

  private static void ssh(RemoteSettings settings, FileSystemOptions options)
      throws FileSystemException {
    SftpFileSystemConfigBuilder ssh = SftpFileSystemConfigBuilder.getInstance();
    ssh.setUserDirIsRoot(options, false);
    ssh.setDisableDetectExecChannel(options, true);
    ssh.setConnectTimeout(
        options, timeout(settings, "timeout", settings.limits().connectTimeout()));
    ssh.setSessionTimeout(options, settings.limits().readTimeout());
    ssh.setPreferredAuthentications(options, "publickey,password,keyboard-interactive");
    File known = new File(System.getProperty("user.home"), ".ssh/known_hosts");
    if (known.exists()) {
      ssh.setKnownHosts(options, known);
    }
    // As DVC's ssh: an unknown host is taken, a changed key is refused.
    ssh.setStrictHostKeyChecking(options, "no");
    Optional<String> key = settings.option("keyfile");
    if (key.isPresent()) {
      byte[] passphrase =
          settings
              .option("passphrase")
              .map(p -> p.getBytes(java.nio.charset.StandardCharsets.UTF_8))
              .orElse(null);
      ssh.setIdentityProvider(options, new IdentityInfo(new File(key.get()), passphrase));
    }
  }

  private static void http(RemoteSettings settings, String scheme, FileSystemOptions options) {
    Http4FileSystemConfigBuilder http =
        scheme.startsWith("webdav")
            ? org.apache.commons.vfs2.provider.webdav4.Webdav4FileSystemConfigBuilder.getInstance()
            : Http4FileSystemConfigBuilder.getInstance();
    http.setConnectionTimeout(
        options, timeout(settings, "connect_timeout", settings.limits().connectTimeout()));
    http.setSoTimeout(options, timeout(settings, "read_timeout", settings.limits().readTimeout()));
    http.setHostnameVerificationEnabled(options, settings.flag("ssl_verify", true));
    http.setPreemptiveAuth(options, settings.option("user").isPresent());
    http.setKeepAlive(options, true);
  }

  private static Duration timeout(RemoteSettings settings, String key, Duration otherwise) {
    return settings.option(key).map(S3Remote::seconds).orElse(otherwise);
  }

  FileObject resolve(String key) throws FileSystemException {
    return key.isEmpty() ? root : root.resolveFile(UriParser.encode(key));
  }

  @Override
  public void close() {
    manager.close();
  }
}

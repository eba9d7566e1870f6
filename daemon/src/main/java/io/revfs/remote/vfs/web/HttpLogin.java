package io.revfs.remote.vfs.web;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.revfs.remote.RemoteSettings;
import java.io.Closeable;
import java.io.IOException;
import java.net.URI;
import java.util.List;
import javax.net.ssl.SSLContext;
import org.apache.commons.vfs2.FileSystemException;
import org.apache.commons.vfs2.FileSystemOptions;
import org.apache.commons.vfs2.auth.StaticUserAuthenticator;
import org.apache.commons.vfs2.impl.DefaultFileSystemConfigBuilder;
import org.apache.commons.vfs2.provider.http4.Http4FileSystemConfigBuilder;
import org.apache.commons.vfs2.provider.webdav4.Webdav4FileSystemConfigBuilder;
import org.apache.http.client.HttpClient;
import org.apache.http.client.config.AuthSchemes;
import org.apache.http.client.config.RequestConfig;
import org.apache.http.impl.client.CloseableHttpClient;
import org.apache.http.impl.client.HttpClientBuilder;
import org.apache.http.impl.conn.DefaultRoutePlanner;
import org.apache.http.impl.conn.DefaultSchemePortResolver;
import org.jspecify.annotations.Nullable;

/**
 * How to reach and to enter one HTTP server: VFS's options, and what VFS has no option for, which
 * goes into the one client that all file systems of a remote share. Thread-safe.
 */
@SuppressWarnings("deprecation") // as the provider
final class HttpLogin implements Closeable {
  private final FileSystemOptions options;
  private final SSLContext tls;
  private final RequestConfig config;
  private final Authorization authorization;

  @GuardedBy("this")
  private @Nullable CloseableHttpClient client;

  /** VFS's own way to a client. */
  @FunctionalInterface
  interface Builder {
    HttpClientBuilder get() throws FileSystemException;
  }

  private HttpLogin(
      FileSystemOptions options, SSLContext tls, RequestConfig config, Authorization auth) {
    this.options = options;
    this.tls = tls;
    this.config = config;
    this.authorization = auth;
  }

  static HttpLogin of(RemoteSettings settings, URI uri) throws IOException {
    boolean webdav = uri.getScheme().startsWith("webdav");
    var connect =
        settings.seconds(
            webdav ? "timeout" : "connect_timeout", settings.limits().connectTimeout());
    var read =
        settings.seconds(webdav ? "timeout" : "read_timeout", settings.limits().readTimeout());
    FileSystemOptions options = new FileSystemOptions();
    Http4FileSystemConfigBuilder http = Webdav4FileSystemConfigBuilder.getInstance();
    http.setConnectionTimeout(options, connect);
    http.setSoTimeout(options, read);
    http.setMaxTotalConnections(options, settings.limits().connections());
    http.setMaxConnectionsPerHost(options, settings.limits().connections());
    http.setKeepAlive(options, true);
    http.setFollowRedirect(options, true);
    http.setUserAgent(options, "revfs");
    Tls tls = Tls.of(settings);
    http.setHostnameVerificationEnabled(options, tls.verifies());
    Authorization authorization = Authorization.of(settings, uri);
    if (authorization.isDigest()) {
      DefaultFileSystemConfigBuilder.getInstance()
          .setUserAuthenticator(
              options,
              new StaticUserAuthenticator(
                  null, settings.user().orElse(""), settings.password().orElse("")));
    }
    RequestConfig config =
        RequestConfig.custom()
            .setConnectTimeout((int) connect.toMillis())
            .setSocketTimeout((int) read.toMillis())
            .setTargetPreferredAuthSchemes(List.of(AuthSchemes.DIGEST))
            .build();
    return new HttpLogin(options, tls.context(), config, authorization);
  }

  FileSystemOptions options() {
    return options;
  }

  SSLContext tls() {
    return tls;
  }

  /** Returns the client, made at the first call. */
  synchronized HttpClient client(Builder vfs) throws FileSystemException {
    CloseableHttpClient made = client;
    if (made == null) {
      HttpClientBuilder builder = vfs.get();
      builder
          .setDefaultRequestConfig(config)
          // VFS's asks the JVM's proxy selector before each request.
          .setRoutePlanner(new DefaultRoutePlanner(DefaultSchemePortResolver.INSTANCE))
          .disableAutomaticRetries()
          .disableContentCompression()
          .disableCookieManagement()
          .addInterceptorLast(authorization);
      if (authorization.asksAgain()) {
        builder.setServiceUnavailableRetryStrategy(authorization);
      }
      made = builder.build();
      client = made;
    }
    return made;
  }

  @Override
  public synchronized void close() {
    CloseableHttpClient made = client;
    try {
      if (made != null) {
        made.close();
      }
    } catch (IOException e) {
      // Its connections are gone with it.
    }
  }
}

package io.revfs.remote.vfs.web;

import io.revfs.object.ObjectMissingException;
import io.revfs.object.SourceUnreachableException;
import io.revfs.remote.Redaction;
import io.revfs.remote.Remote.Capability;
import io.revfs.remote.RemoteSettings;
import io.revfs.remote.ServerTrust;
import io.revfs.remote.vfs.Protocol;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.SocketTimeoutException;
import java.net.URI;
import java.util.EnumSet;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import org.apache.commons.vfs2.FileSystemOptions;
import org.apache.commons.vfs2.provider.FileProvider;
import org.apache.http.HttpStatus;
import org.apache.http.conn.ConnectTimeoutException;

/**
 * HTTP(S), plain or with WebDAV. Plain HTTP reads, and writes in one request by {@code method}
 * (POST unless configured, as in DVC); it cannot list or delete.
 */
public final class WebProtocol implements Protocol {
  private static final int INSUFFICIENT_STORAGE = 507;
  private static final int TOO_MANY_REQUESTS = 429;

  private final String where;
  private final boolean webdav;
  private final boolean tls;
  private final String method;
  private final String root;
  private final String base;
  private final HttpLogin login;

  /** Reads DVC's options for {@code http(s)} and {@code webdav(s)} remotes; connects to nothing. */
  public WebProtocol(RemoteSettings settings) throws IOException {
    URI uri = settings.serverUri();
    this.where = settings.describe();
    this.webdav = uri.getScheme().startsWith("webdav");
    this.tls = uri.getScheme().endsWith("s");
    this.method =
        webdav ? "PUT" : settings.option("method").orElse("POST").toUpperCase(Locale.ROOT);
    String port = uri.getPort() < 0 ? "" : ":" + uri.getPort();
    this.root = (tls ? "https" : "http") + "://" + uri.getHost() + port + "/";
    this.base = uri.getPath() == null ? "" : uri.getPath().replaceAll("/+$", "");
    this.login = HttpLogin.of(settings, uri);
  }

  @Override
  public Set<Capability> capabilities() {
    return webdav
        ? EnumSet.of(Capability.LIST, Capability.WRITE, Capability.DELETE)
        : EnumSet.of(Capability.WRITE);
  }

  @Override
  public String root() {
    return root;
  }

  @Override
  public String base() {
    return base;
  }

  @Override
  public FileSystemOptions options() {
    return login.options();
  }

  @Override
  public FileProvider provider() {
    return new WebProvider(login, tls, webdav ? WebdavFile::new : this::httpFile);
  }

  private HttpFile httpFile(WebName name, WebFiles files) throws IOException {
    return new HttpFile(name, files, method);
  }

  @Override
  public IOException translate(String key, Throwable failure) {
    if (failure instanceof HttpFailureException http) {
      return refused(key, http);
    }
    Optional<String> untrusted = ServerTrust.refusal(failure);
    if (untrusted.isPresent()) {
      return lasting(untrusted.get(), failure);
    }
    boolean timeout =
        failure instanceof SocketTimeoutException || failure instanceof ConnectTimeoutException;
    if (Thread.currentThread().isInterrupted()
        || (failure instanceof InterruptedIOException && !timeout)) {
      return new InterruptedIOException("interrupted while waiting for " + where);
    }
    return new SourceUnreachableException(where, Redaction.message(failure), true, failure);
  }

  private IOException refused(String key, HttpFailureException failure) {
    int status = failure.status();
    return switch (status) {
      case HttpStatus.SC_NOT_FOUND, HttpStatus.SC_GONE -> new ObjectMissingException(key, where);
      case HttpStatus.SC_UNAUTHORIZED, HttpStatus.SC_FORBIDDEN ->
          lasting(
              "access denied (HTTP %d); check user, password or token".formatted(status), failure);
      case HttpStatus.SC_REQUESTED_RANGE_NOT_SATISFIABLE ->
          lasting(key + " is shorter than what was asked of it", failure);
      case INSUFFICIENT_STORAGE, HttpStatus.SC_REQUEST_TOO_LONG ->
          lasting("it is full or takes no file of this size (HTTP " + status + ")", failure);
      case HttpStatus.SC_METHOD_NOT_ALLOWED, HttpStatus.SC_NOT_IMPLEMENTED ->
          lasting(
              "the server does not allow this (HTTP %d); is it read-only, or does it want another"
                      .formatted(status)
                  + " 'method'?",
              failure);
      default ->
          new SourceUnreachableException(
              where, Redaction.message(failure), isTransient(status), failure);
    };
  }

  private SourceUnreachableException lasting(String why, Throwable cause) {
    return new SourceUnreachableException(where, why, false, cause);
  }

  private static boolean isTransient(int status) {
    return status >= HttpStatus.SC_INTERNAL_SERVER_ERROR
        || status == TOO_MANY_REQUESTS
        || status == HttpStatus.SC_REQUEST_TIMEOUT
        || status == HttpStatus.SC_CONFLICT // WebDAV's word for a directory that vanished
        || status == HttpStatus.SC_LOCKED;
  }

  @Override
  public void close() {
    login.close();
  }
}

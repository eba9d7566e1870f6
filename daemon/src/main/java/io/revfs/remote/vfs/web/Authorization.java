package io.revfs.remote.vfs.web;

import io.revfs.remote.RemoteConfigurationException;
import io.revfs.remote.RemoteSettings;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Optional;
import org.apache.http.HttpHeaders;
import org.apache.http.HttpHost;
import org.apache.http.HttpRequest;
import org.apache.http.HttpRequestInterceptor;
import org.apache.http.HttpResponse;
import org.apache.http.HttpStatus;
import org.apache.http.client.ServiceUnavailableRetryStrategy;
import org.apache.http.protocol.HttpContext;
import org.apache.http.protocol.HttpCoreContext;
import org.jspecify.annotations.Nullable;

/**
 * Puts into each request who asks: {@code auth} basic or a header of one's own, a token, or the
 * command that prints one. A token that is refused is asked for once more, as it may have expired.
 * Another server, to which a request was redirected, is told nothing. Thread-safe.
 */
final class Authorization implements HttpRequestInterceptor, ServiceUnavailableRetryStrategy {
  private static final String TOKEN_USED = "revfs.token";

  private final String host;
  private final boolean digest;
  private final Optional<Header> header;
  private final @Nullable TokenCommand token;

  /** A header of each request. */
  private record Header(String name, String value) {
    @Override
    public String toString() {
      return name; // never the value
    }
  }

  private Authorization(
      String host, boolean digest, Optional<Header> header, @Nullable TokenCommand token) {
    this.host = host;
    this.digest = digest;
    this.header = header;
    this.token = token;
  }

  static Authorization of(RemoteSettings settings, URI uri) throws RemoteConfigurationException {
    String auth =
        settings
            .option("auth")
            .orElse(
                settings.option("custom_auth_header").isPresent()
                    ? "custom"
                    : settings.user().isPresent() ? "basic" : "");
    Optional<Header> header =
        switch (auth) {
          case "" -> Optional.empty();
          case "basic" -> Optional.of(basic(settings));
          case "custom" -> Optional.of(custom(settings));
          case "digest" -> {
            needed(settings, settings.user(), "user");
            needed(settings, settings.password(), "password");
            yield Optional.empty();
          }
          default ->
              throw new RemoteConfigurationException(
                  settings.name(), "'auth' is basic, digest or custom, not '" + auth + "'");
        };
    Optional<String> fixed = settings.option("token");
    if (fixed.isPresent()) {
      header = Optional.of(bearer(fixed.get()));
    }
    Optional<String> command = settings.option("bearer_token_command");
    return new Authorization(
        uri.getHost(),
        auth.equals("digest"),
        header,
        command.isPresent() ? new TokenCommand(settings.name(), command.get()) : null);
  }

  private static Header basic(RemoteSettings settings) throws RemoteConfigurationException {
    String both =
        needed(settings, settings.user(), "user")
            + ":"
            + needed(settings, settings.password(), "password");
    return new Header(
        HttpHeaders.AUTHORIZATION,
        "Basic " + Base64.getEncoder().encodeToString(both.getBytes(StandardCharsets.UTF_8)));
  }

  private static Header custom(RemoteSettings settings) throws RemoteConfigurationException {
    return new Header(
        needed(settings, settings.option("custom_auth_header"), "custom_auth_header"),
        needed(settings, settings.password(), "password"));
  }

  private static Header bearer(String token) {
    return new Header(HttpHeaders.AUTHORIZATION, "Bearer " + token);
  }

  private static String needed(RemoteSettings settings, Optional<String> value, String option)
      throws RemoteConfigurationException {
    if (value.isEmpty()) {
      throw new RemoteConfigurationException(
          settings.name(),
          "this kind of authentication needs '%s': remote modify --local %s %s VALUE"
              .formatted(option, settings.name(), option));
    }
    return value.get();
  }

  /** Returns whether the server's question is to be waited for, which VFS answers. */
  boolean isDigest() {
    return digest;
  }

  /** Returns whether a refusal may be because a token expired. */
  boolean asksAgain() {
    return token != null;
  }

  @Override
  public void process(HttpRequest request, HttpContext context) throws IOException {
    HttpHost target = HttpCoreContext.adapt(context).getTargetHost();
    if (target != null && !target.getHostName().equalsIgnoreCase(host)) {
      return;
    }
    header.ifPresent(h -> request.setHeader(h.name(), h.value()));
    if (token != null) {
      String used = token.get();
      context.setAttribute(TOKEN_USED, used);
      Header bearer = bearer(used);
      request.setHeader(bearer.name(), bearer.value());
    }
  }

  @Override
  public boolean retryRequest(HttpResponse response, int tries, HttpContext context) {
    if (token == null
        || response.getStatusLine().getStatusCode() != HttpStatus.SC_UNAUTHORIZED
        || !(context.getAttribute(TOKEN_USED) instanceof String used)) {
      return false;
    }
    token.forget(used);
    return tries == 1;
  }

  @Override
  public long getRetryInterval() {
    return 0;
  }
}

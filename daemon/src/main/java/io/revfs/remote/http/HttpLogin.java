package io.revfs.remote.http;

import io.revfs.remote.RemoteConfigurationException;
import io.revfs.remote.RemoteSettings;
import java.io.Closeable;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Optional;
import org.apache.http.HttpHeaders;
import org.apache.http.HttpStatus;
import org.apache.http.auth.AuthScope;
import org.apache.http.auth.UsernamePasswordCredentials;
import org.apache.http.client.config.AuthSchemes;
import org.apache.http.client.config.CookieSpecs;
import org.apache.http.client.config.RequestConfig;
import org.apache.http.client.methods.CloseableHttpResponse;
import org.apache.http.client.methods.HttpUriRequest;
import org.apache.http.client.protocol.HttpClientContext;
import org.apache.http.impl.client.BasicCredentialsProvider;
import org.apache.http.impl.client.CloseableHttpClient;
import org.apache.http.impl.client.HttpClientBuilder;
import org.apache.http.impl.client.HttpClients;
import org.apache.http.util.EntityUtils;
import org.jspecify.annotations.Nullable;

/**
 * A client that knows who it is for: {@code auth} basic, digest or a header of one's own, a token
 * or the command that prints one, certificates; few connections that are kept open. Thread-safe.
 */
final class HttpLogin implements Closeable {
  private final CloseableHttpClient client;
  private final BasicCredentialsProvider digest;
  private final @Nullable TokenCommand token;
  private final Optional<Header> header;

  /** A header of each request. */
  private record Header(String name, String value) {
    @Override
    public String toString() {
      return name; // never the value
    }
  }

  private HttpLogin(
      CloseableHttpClient client,
      BasicCredentialsProvider digest,
      @Nullable TokenCommand token,
      Optional<Header> header) {
    this.client = client;
    this.digest = digest;
    this.token = token;
    this.header = header;
  }

  static HttpLogin of(RemoteSettings settings, URI uri) throws IOException {
    boolean webdav = uri.getScheme().startsWith("webdav");
    int most = settings.limits().connections();
    RequestConfig config =
        RequestConfig.custom()
            .setConnectTimeout(
                (int)
                    settings
                        .seconds(
                            webdav ? "timeout" : "connect_timeout",
                            settings.limits().connectTimeout())
                        .toMillis())
            .setSocketTimeout(
                (int)
                    settings
                        .seconds(
                            webdav ? "timeout" : "read_timeout", settings.limits().readTimeout())
                        .toMillis())
            .setCookieSpec(CookieSpecs.IGNORE_COOKIES)
            .setTargetPreferredAuthSchemes(java.util.List.of(AuthSchemes.DIGEST))
            .build();
    HttpClientBuilder builder =
        HttpClients.custom()
            .setDefaultRequestConfig(config)
            .setMaxConnTotal(most)
            .setMaxConnPerRoute(most)
            .disableAutomaticRetries()
            .disableContentCompression()
            .setUserAgent("revfs");
    Tls.apply(settings, builder);
    Optional<String> info = Optional.ofNullable(uri.getUserInfo());
    Optional<String> user = settings.option("user").or(() -> info.map(i -> i.split(":")[0]));
    Optional<String> password =
        settings
            .option("password")
            .or(() -> info.filter(i -> i.contains(":")).map(i -> i.substring(i.indexOf(':') + 1)));
    BasicCredentialsProvider digest = new BasicCredentialsProvider();
    Optional<Header> header = Optional.empty();
    String auth =
        settings
            .option("auth")
            .orElse(
                settings.option("custom_auth_header").isPresent()
                    ? "custom"
                    : user.isPresent() ? "basic" : "");
    switch (auth) {
      case "" -> {}
      case "basic" -> header = Optional.of(basic(settings, user, password));
      case "custom" ->
          header =
              Optional.of(
                  new Header(
                      needed(settings, settings.option("custom_auth_header"), "custom_auth_header"),
                      needed(settings, password, "password")));
      case "digest" ->
          digest.setCredentials(
              new AuthScope(uri.getHost(), AuthScope.ANY_PORT),
              new UsernamePasswordCredentials(
                  needed(settings, user, "user"), needed(settings, password, "password")));
      default ->
          throw new RemoteConfigurationException(
              settings.name(), "'auth' is basic, digest or custom, not '" + auth + "'");
    }
    if (settings.option("token").isPresent()) {
      header =
          Optional.of(
              new Header(HttpHeaders.AUTHORIZATION, "Bearer " + settings.option("token").get()));
    }
    Optional<String> command = settings.option("bearer_token_command");
    return new HttpLogin(
        builder.build(),
        digest,
        command.isPresent() ? new TokenCommand(settings.name(), command.get()) : null,
        header);
  }

  private static Header basic(
      RemoteSettings settings, Optional<String> user, Optional<String> password)
      throws RemoteConfigurationException {
    String both = needed(settings, user, "user") + ":" + needed(settings, password, "password");
    return new Header(
        HttpHeaders.AUTHORIZATION,
        "Basic " + Base64.getEncoder().encodeToString(both.getBytes(StandardCharsets.UTF_8)));
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

  /** Sends a request; a token that is refused is asked for once more, as it may have expired. */
  CloseableHttpResponse execute(HttpUriRequest request) throws IOException {
    header.ifPresent(h -> request.setHeader(h.name(), h.value()));
    if (token == null) {
      return once(request);
    }
    String used = token.get();
    request.setHeader(HttpHeaders.AUTHORIZATION, "Bearer " + used);
    CloseableHttpResponse response = once(request);
    boolean again =
        response.getStatusLine().getStatusCode() == HttpStatus.SC_UNAUTHORIZED
            && !(request instanceof org.apache.http.HttpEntityEnclosingRequest);
    if (response.getStatusLine().getStatusCode() == HttpStatus.SC_UNAUTHORIZED) {
      token.forget(used);
    }
    if (!again) {
      return response;
    }
    EntityUtils.consumeQuietly(response.getEntity());
    response.close();
    request.setHeader(HttpHeaders.AUTHORIZATION, "Bearer " + token.get());
    return once(request);
  }

  private CloseableHttpResponse once(HttpUriRequest request) throws IOException {
    HttpClientContext context = HttpClientContext.create();
    context.setCredentialsProvider(digest);
    return client.execute(request, context);
  }

  @Override
  public void close() {
    try {
      client.close();
    } catch (IOException e) {
      // Its connections are gone with it.
    }
  }
}

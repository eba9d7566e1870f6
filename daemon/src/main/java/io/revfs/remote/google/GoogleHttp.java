package io.revfs.remote.google;

import com.google.api.client.http.HttpRequestInitializer;
import com.google.api.client.http.HttpTransport;
import com.google.api.client.http.apache.v2.ApacheHttpTransport;
import io.revfs.remote.RemoteSettings;
import java.io.Closeable;
import java.io.IOException;
import org.apache.http.impl.client.CloseableHttpClient;
import org.apache.http.impl.client.HttpClients;

/** The connections of Google's client libraries, within a remote's limits. Thread-safe. */
public final class GoogleHttp implements Closeable {
  private final RemoteSettings settings;
  private final CloseableHttpClient http;

  public GoogleHttp(RemoteSettings settings) {
    this.settings = settings;
    this.http =
        HttpClients.custom()
            .setMaxConnTotal(settings.limits().connections())
            .setMaxConnPerRoute(settings.limits().connections())
            .disableAutomaticRetries()
            .disableContentCompression()
            .build();
  }

  /** Returns what sends requests. */
  public HttpTransport transport() {
    return new ApacheHttpTransport(http);
  }

  /** Returns what completes each request: credentials and time limits. */
  public HttpRequestInitializer initializer(HttpRequestInitializer credentials) {
    int connect = (int) settings.limits().connectTimeout().toMillis();
    int read = (int) settings.limits().readTimeout().toMillis();
    return request -> {
      credentials.initialize(request);
      request.setConnectTimeout(connect).setReadTimeout(read).setNumberOfRetries(0);
    };
  }

  /** Returns a URL as the libraries want it: absolute, and with a slash at the end. */
  public static String root(String endpoint) {
    String absolute = endpoint.contains("://") ? endpoint : "https://" + endpoint;
    return absolute.endsWith("/") ? absolute : absolute + "/";
  }

  @Override
  public void close() {
    try {
      http.close();
    } catch (IOException e) {
      // Its connections are gone with it.
    }
  }
}

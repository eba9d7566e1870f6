package io.revfs.remote;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.revfs.object.SourceUnreachableException;
import io.revfs.remote.scheme.Remotes;
import io.revfs.testing.server.HttpTestServer;
import io.revfs.testing.server.S3ProxyServer;
import io.revfs.testing.server.TlsFront;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.api.io.TempDir;

/**
 * {@code ssl_verify}, {@code cert_path} and {@code key_path}, against servers nobody vouches for.
 */
class TlsOptionsTest {
  private static final byte[] CONTENT = RemoteContract.random(5000);

  @TempDir Path temporary;

  private static byte[] read(String url, Map<String, String> options) throws Exception {
    try (OpenRemote remote = Remotes.open(RemoteContract.settings(url, options))) {
      return RemoteContract.read(remote.remote(), "a", 0, CONTENT.length);
    }
  }

  private static Map<String, String> with(Map<String, String> options, String... more) {
    Map<String, String> all = new HashMap<>(options);
    for (int i = 0; i < more.length; i += 2) {
      all.put(more[i], more[i + 1]);
    }
    return all;
  }

  /** What holds for each kind of remote. */
  private void verifies(String url, TlsFront front, Map<String, String> options) throws Exception {
    assertRefused(() -> read(url, options));
    assertRefused(() -> read(url, with(options, "ssl_verify", "true")));
    assertArrayEquals(CONTENT, read(url, with(options, "ssl_verify", "false")));
    assertArrayEquals(CONTENT, read(url, with(options, "ssl_verify", "no")));
    assertArrayEquals(
        CONTENT, read(url, with(options, "ssl_verify", front.certificate().toString())));
    Path another = front.clientCertificate();
    assertRefused(() -> read(url, with(options, "ssl_verify", another.toString())));
    RemoteConfigurationException e =
        assertThrows(
            RemoteConfigurationException.class,
            () -> read(url, with(options, "ssl_verify", "/not/there.pem")));
    assertTrue(e.getMessage().contains("/not/there.pem"), e.getMessage());
  }

  private static void assertRefused(Executable call) {
    SourceUnreachableException e = assertThrows(SourceUnreachableException.class, call);
    assertFalse(e.isTransient());
    assertTrue(e.getMessage().contains("not trusted"), e.getMessage());
  }

  @Test
  void https() throws Exception {
    Files.write(temporary.resolve("a"), CONTENT);
    try (HttpTestServer server = HttpTestServer.start(temporary);
        TlsFront front = TlsFront.start(temporary, URI.create(server.url()).getPort(), false)) {
      verifies("https://" + front.address(), front, Map.of());
    }
  }

  @Test
  void s3() throws Exception {
    try (S3ProxyServer server = S3ProxyServer.start(temporary)) {
      Files.write(server.bucket("bucket").resolve("a"), CONTENT);
      try (TlsFront front =
          TlsFront.start(temporary, URI.create(server.endpoint()).getPort(), false)) {
        verifies(
            "s3://bucket",
            front,
            with(server.options(), "endpointurl", "https://" + front.address()));
      }
    }
  }

  @Test
  void clientCertificate() throws Exception {
    Files.write(temporary.resolve("a"), CONTENT);
    try (HttpTestServer server = HttpTestServer.start(temporary);
        TlsFront front = TlsFront.start(temporary, URI.create(server.url()).getPort(), true)) {
      String url = "webdavs://" + front.address();
      Map<String, String> trusting = Map.of("ssl_verify", front.certificate().toString());
      assertThrows(SourceUnreachableException.class, () -> read(url, trusting));
      assertArrayEquals(
          CONTENT,
          read(
              url,
              with(
                  trusting,
                  "cert_path",
                  front.clientCertificate().toString(),
                  "key_path",
                  front.clientKey().toString())));
      Path both = temporary.resolve("both.pem");
      Files.writeString(
          both, Files.readString(front.clientKey()) + Files.readString(front.clientCertificate()));
      assertArrayEquals(CONTENT, read(url, with(trusting, "cert_path", both.toString())));
    }
  }
}

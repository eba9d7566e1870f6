package io.revfs.remote;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.net.httpserver.Headers;
import io.revfs.object.SourceUnreachableException;
import io.revfs.remote.scheme.Remotes;
import io.revfs.testing.TestData;
import io.revfs.testing.server.HttpTestServer;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Who asks, in each way that HTTP and WebDAV remotes can say it, against a server that looks. */
class HttpLoginTest {
  private static final byte[] CONTENT = RemoteContract.random(5000);

  @TempDir Path temporary;
  private HttpTestServer server;

  @BeforeEach
  void start() throws Exception {
    Files.write(temporary.resolve("a"), CONTENT);
    server = HttpTestServer.start(temporary);
  }

  @AfterEach
  void stop() {
    server.close();
  }

  private byte[] read(String scheme, String... options) throws Exception {
    try (OpenRemote remote = open(scheme, options)) {
      return RemoteContract.read(remote.remote(), "a", 0, CONTENT.length);
    }
  }

  private OpenRemote open(String scheme, String... options) throws IOException {
    Map<String, String> all = new HashMap<>();
    for (int i = 0; i < options.length; i += 2) {
      all.put(options[i], options[i + 1]);
    }
    return Remotes.open(RemoteContract.settings(server.url().replaceFirst("^http", scheme), all));
  }

  private void demand(String header, String value) {
    server.gate((method, uri, headers) -> value.equals(headers.getFirst(header)) ? "" : "Basic");
  }

  @Test
  void basic() throws Exception {
    demand("Authorization", "Basic dXNlcjpww6RzcyB3Om9yZA==");
    for (String scheme : List.of("http", "webdav")) {
      assertArrayEquals(CONTENT, read(scheme, "user", "user", "password", "päss w:ord"));
      assertDenied(() -> read(scheme, "user", "user", "password", "wr0ngsecret"));
      assertDenied(() -> read(scheme));
    }
    assertArrayEquals(
        CONTENT, read("http", "auth", "basic", "user", "user", "password", "päss w:ord"));
    RemoteConfigurationException e =
        assertThrows(RemoteConfigurationException.class, () -> open("http", "user", "user"));
    assertTrue(e.getMessage().contains("'password'"), e.getMessage());
  }

  private static void assertDenied(org.junit.jupiter.api.function.Executable call) {
    SourceUnreachableException e = assertThrows(SourceUnreachableException.class, call);
    assertFalse(e.isTransient());
    assertTrue(e.getMessage().contains("access denied"), e.getMessage());
    assertFalse(e.getMessage().contains("wr0ngsecret"), e.getMessage());
  }

  @Test
  void headerOfOnesOwn() throws Exception {
    demand("X-Key", "s3cret");
    for (String scheme : List.of("http", "webdav")) {
      assertArrayEquals(CONTENT, read(scheme, "custom_auth_header", "X-Key", "password", "s3cret"));
      assertDenied(() -> read(scheme, "custom_auth_header", "X-Key", "password", "wr0ngsecret"));
    }
    assertArrayEquals(
        CONTENT,
        read("http", "auth", "custom", "custom_auth_header", "X-Key", "password", "s3cret"));
  }

  @Test
  void token() throws Exception {
    demand("Authorization", "Bearer t0ken");
    assertArrayEquals(CONTENT, read("webdav", "token", "t0ken"));
    assertDenied(() -> read("webdav", "token", "wr0ngsecret"));
  }

  @Test
  void commandThatPrintsTokens_isAskedAgainWhenOneExpires() throws Exception {
    Path count = temporary.resolve("count");
    String command = "echo x >> %1$s; echo token$(wc -l < %1$s)".formatted(count);
    demand("Authorization", "Bearer token2");
    Path file = temporary.resolve("new");
    Files.write(file, CONTENT);
    try (OpenRemote remote = open("webdav", "bearer_token_command", command)) {
      for (int i = 0; i < 3; i++) {
        byte[] read = RemoteContract.read(remote.remote(), "a", 0, CONTENT.length);
        assertArrayEquals(CONTENT, read);
      }
      assertEquals(2, Files.readAllLines(count).size(), "a token is used until it is refused");
      demand("Authorization", "Bearer token3");
      assertArrayEquals(CONTENT, RemoteContract.read(remote.remote(), "a", 0, CONTENT.length));
      demand("Authorization", "Bearer none");
      assertDenied(() -> RemoteContract.read(remote.remote(), "a", 0, 1));
    }
    RemoteConfigurationException e =
        assertThrows(
            RemoteConfigurationException.class,
            () -> read("webdav", "bearer_token_command", "exit 1"));
    assertTrue(e.getMessage().contains("bearer_token_command"), e.getMessage());
  }

  @Test
  void digest_readsAndWrites() throws Exception {
    server.gate(HttpLoginTest::checkDigest);
    String[] right = {"auth", "digest", "user", "user", "password", "pass"};
    assertArrayEquals(CONTENT, read("http", right));
    Path file = temporary.resolve("content");
    byte[] large = RemoteContract.random(3_000_000);
    Files.write(file, large);
    try (OpenRemote remote = open("http", right)) {
      remote.remote().write("up/load", Upload.of(file));
      assertArrayEquals(large, Files.readAllBytes(temporary.resolve("up/load")));
      assertEquals(3_000_000, remote.remote().stat(RemoteKey.of("up/load")).size());
    }
    assertDenied(() -> read("http", "auth", "digest", "user", "user", "password", "wr0ngsecret"));
  }

  private static final Pattern FIELD = Pattern.compile("(\\w+)=(?:\"([^\"]*)\"|([^,\\s]*))");

  /** RFC 7616, for user "user" with password "pass". */
  private static String checkDigest(String method, String uri, Headers headers) {
    String challenge = "Digest realm=\"r\", nonce=\"n0nce\", qop=\"auth\", algorithm=MD5";
    String said = headers.getFirst("Authorization");
    if (said == null || !said.startsWith("Digest ")) {
      return challenge;
    }
    Map<String, String> fields = new HashMap<>();
    Matcher field = FIELD.matcher(said);
    while (field.find()) {
      fields.put(field.group(1), field.group(2) != null ? field.group(2) : field.group(3));
    }
    String expected =
        md5(
            String.join(
                ":",
                md5("user:r:pass"),
                "n0nce",
                fields.get("nc"),
                fields.get("cnonce"),
                "auth",
                md5(method + ":" + fields.get("uri"))));
    return expected.equals(fields.get("response")) && uri.equals(fields.get("uri"))
        ? ""
        : challenge;
  }

  private static String md5(String text) {
    return TestData.md5(text.getBytes(StandardCharsets.UTF_8));
  }

  @Test
  void redirectedToAnotherServer_nothingIsToldToIt() throws Exception {
    List<String> told = new CopyOnWriteArrayList<>();
    try (HttpTestServer other = HttpTestServer.start(temporary)) {
      other.gate(
          (method, uri, headers) -> {
            told.addAll(headers.getOrDefault("Authorization", new ArrayList<>()));
            return "";
          });
      demand("Authorization", "Basic dXNlcjpwYXNz");
      server.redirectTo(other.url().replace("127.0.0.1", "localhost"));
      assertArrayEquals(CONTENT, read("http", "user", "user", "password", "pass"));
      assertTrue(other.gets("/a") > 0);
      assertEquals(List.of(), told);
    }
  }
}

package io.revfs.testing.server;

import com.fasterxml.jackson.databind.JsonNode;
import com.sun.net.httpserver.HttpExchange;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyPairGenerator;
import java.security.NoSuchAlgorithmException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * The part of Google Drive's interface that remotes use, in memory, with the server that gives
 * tokens. Folders are there whatever their ids, when they begin with {@code folder}; like the real
 * one it lets two files of one folder have the same name.
 */
public final class FakeDriveServer extends FakeGoogleServer {
  private static final Pattern FILE =
      Pattern.compile("(?:/upload|/download)?/drive/v3/files(?:/([^/]+))?");
  private static final Pattern PARENT = Pattern.compile("'([^']+)' in parents");
  private static final Pattern NAME = Pattern.compile("name = '((?:[^'\\\\]|\\\\.)*)'");
  private static final String FOLDER = "application/vnd.google-apps.folder";
  private static final String REFRESH = "r1ghtsecret";
  private static final String TOKEN = "token7";
  private static final String ACCOUNT = "\"sub\":\"person@example.com\"";
  private static final int PAGE = 10;

  private final Map<String, Item> items = new TreeMap<>();

  /** A file, or a folder, which has no bytes. */
  private record Item(
      String id, String name, String parent, StoredBytes bytes, boolean folder, boolean trashed) {}

  private FakeDriveServer() throws IOException {}

  /** Starts one. */
  public static FakeDriveServer start() throws IOException {
    FakeDriveServer server = new FakeDriveServer();
    server.begin();
    return server;
  }

  /** Writes what DVC keeps of a login whose token for new tokens is right. */
  public Path login(Path file) throws IOException {
    return login(file, REFRESH);
  }

  /** Writes what DVC keeps of a login. */
  public Path login(Path file, String refreshToken) throws IOException {
    Files.write(
        file,
        JSON.writeValueAsBytes(
            Map.of(
                "access_token", "old",
                "client_id", "client",
                "client_secret", "hidden",
                "refresh_token", refreshToken,
                "token_uri", url() + "/token")));
    return file;
  }

  /** Returns how many there are that are in the trash. */
  public synchronized long trashed() {
    return items.values().stream().filter(Item::trashed).count();
  }

  @Override
  void serve(HttpExchange exchange, byte[] body) throws IOException {
    String path = exchange.getRequestURI().getPath();
    String method = exchange.getRequestMethod();
    note(method + " " + path);
    if (path.equals("/token")) {
      token(exchange, new String(body, StandardCharsets.UTF_8));
      return;
    }
    Matcher matcher = FILE.matcher(path);
    if (!("Bearer " + TOKEN).equals(exchange.getRequestHeaders().getFirst("Authorization"))) {
      error(exchange, 401, "Invalid Credentials");
    } else if (!matcher.matches()) {
      error(exchange, 404, "no such place");
    } else if (matcher.group(1) == null && method.equals("GET")) {
      list(exchange, query(exchange));
    } else if (path.startsWith("/upload/")) {
      String id = matcher.group(1);
      upload(exchange, body, (description, bytes) -> store(exchange, id, description, bytes));
    } else if (method.equals("POST")) {
      store(exchange, null, body, new StoredBytes());
    } else {
      serve(exchange, method, matcher.group(1), body);
    }
  }

  private static void token(HttpExchange exchange, String form) throws IOException {
    String assertion = form.replaceAll(".*assertion=([^&]*).*", "$1");
    boolean account = !assertion.equals(form) && claims(assertion).contains(ACCOUNT);
    if (account || form.contains("refresh_token=" + REFRESH)) {
      json(exchange, Map.of("access_token", TOKEN, "expires_in", 3600, "token_type", "Bearer"));
    } else {
      exchange.sendResponseHeaders(400, -1);
    }
  }

  /** Returns what a service account says of itself; its signature is not looked at. */
  private static String claims(String token) {
    return new String(
        Base64.getUrlDecoder().decode(decode(token).split("\\.")[1]), StandardCharsets.UTF_8);
  }

  /** Writes the key file of a service account that may speak for somebody. */
  public Path account(Path file) throws IOException {
    try {
      KeyPairGenerator keys = KeyPairGenerator.getInstance("RSA");
      keys.initialize(2048);
      byte[] key = keys.generateKeyPair().getPrivate().getEncoded();
      String pem =
          "-----BEGIN PRIVATE KEY-----\n%s\n-----END PRIVATE KEY-----\n"
              .formatted(Base64.getMimeEncoder().encodeToString(key));
      Files.write(
          file,
          JSON.writeValueAsBytes(
              Map.of(
                  "type", "service_account",
                  "client_id", "7",
                  "client_email", "robot@example.com",
                  "private_key_id", "1",
                  "private_key", pem,
                  "token_uri", url() + "/token")));
      return file;
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }

  private void serve(HttpExchange exchange, String method, String id, byte[] body)
      throws IOException {
    Item item = items.get(id);
    if (id.startsWith("folder") && method.equals("GET")) {
      json(exchange, Map.of("id", id));
    } else if (item == null) {
      error(exchange, 404, "File not found: " + id + ".");
    } else if (method.equals("DELETE")) {
      items.remove(id);
      exchange.sendResponseHeaders(204, -1);
    } else if (method.equals("PATCH")) {
      boolean trashed = JSON.readTree(body).path("trashed").asBoolean();
      items.put(id, new Item(id, item.name(), item.parent(), item.bytes(), item.folder(), trashed));
      json(exchange, resource(items.get(id)));
    } else if ("media".equals(query(exchange).get("alt"))) {
      media(exchange, item.bytes());
    } else {
      json(exchange, resource(item));
    }
  }

  private void store(HttpExchange exchange, String known, byte[] description, StoredBytes bytes)
      throws IOException {
    JsonNode told = JSON.readTree(description);
    String id = known == null ? "id%06d".formatted(items.size() + 1) : known;
    Item before = items.get(id);
    items.put(
        id,
        new Item(
            id,
            before == null ? told.get("name").asText() : before.name(),
            before == null ? told.get("parents").get(0).asText() : before.parent(),
            bytes,
            told.path("mimeType").asText().equals(FOLDER),
            false));
    json(exchange, resource(items.get(id)));
  }

  private static Map<String, Object> resource(Item item) {
    Map<String, Object> resource = new LinkedHashMap<>();
    resource.put("id", item.id());
    resource.put("name", item.name());
    resource.put("parents", List.of(item.parent()));
    resource.put("mimeType", item.folder() ? FOLDER : "application/octet-stream");
    resource.put("modifiedTime", Instant.now().toString());
    if (!item.folder()) {
      resource.put("size", Long.toString(item.bytes().size()));
    }
    return resource;
  }

  /** As the real one, it compares names without regard to case. */
  private void list(HttpExchange exchange, Map<String, String> query) throws IOException {
    String wanted = query.get("q");
    Set<String> parents =
        PARENT.matcher(wanted).results().map(m -> m.group(1)).collect(Collectors.toSet());
    List<String> names =
        NAME.matcher(wanted)
            .results()
            .map((MatchResult m) -> m.group(1).replaceAll("\\\\(.)", "$1"))
            .toList();
    List<Object> found = new ArrayList<>();
    Map<String, Object> answer = new LinkedHashMap<>();
    for (Item item : items.values()) {
      boolean named =
          names.isEmpty() || names.stream().anyMatch(name -> name.equalsIgnoreCase(item.name()));
      boolean after = item.id().compareTo(query.getOrDefault("pageToken", "")) >= 0;
      if (!named || !after || item.trashed() || !parents.contains(item.parent())) {
        continue;
      }
      if (found.size() == PAGE) {
        answer.put("nextPageToken", item.id());
        break;
      }
      found.add(resource(item));
    }
    answer.put("files", found);
    json(exchange, answer);
  }
}

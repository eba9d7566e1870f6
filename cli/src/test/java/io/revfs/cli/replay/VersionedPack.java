package io.revfs.cli.replay;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.revfs.cli.replay.Playground.Pack;
import io.revfs.testing.TestData;
import io.revfs.testing.VersionedReference;
import java.io.Closeable;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The repository whose data is on a store that keeps versions, with such a store. The ids of
 * versions are the store's own, so the files that hold them, and the commits of these files, differ
 * from those that DVC made by the ids only; so does what is expected.
 */
record VersionedPack(VersionedReference versioned, Pack pack) implements Closeable {
  private static final Pattern RENAMED =
      Pattern.compile("s#version_id: (\\S+)#version_id: (\\S+)#");
  private static final String LOCAL = ".dvc/config.local";
  private static final ObjectMapper JSON = new ObjectMapper();

  /** Starts the store and fills it. */
  static VersionedPack start(Path directory) throws IOException {
    VersionedReference versioned = VersionedReference.start(Files.createDirectories(directory));
    String text = versioned.reference().expected().toString();
    Matcher renamed = RENAMED.matcher(Files.readString(directory.resolve("rename.sed")));
    while (renamed.find()) {
      text = text.replace(renamed.group(1), renamed.group(2));
    }
    for (Map.Entry<String, String> commit : versioned.commits().entrySet()) {
      text = text.replace(commit.getKey(), commit.getValue());
    }
    JsonNode expected = JSON.readTree(text);
    String local = Files.readString(versioned.reference().repo().resolve(LOCAL));
    for (JsonNode revision : expected.get("revisions")) {
      JsonNode texts = revision.get("meta_files");
      correct((ArrayNode) revision.get("checkout"), texts, local);
      for (JsonNode project : revision.get("projects")) {
        sizes(project.path("list"), texts);
      }
    }
    for (JsonNode scenario : expected.get("scenarios")) {
      correct((ArrayNode) scenario.at("/end/checkout"), scenario.at("/end/meta_files"), local);
    }
    String name = versioned.reference().name();
    return new VersionedPack(versioned, new Pack(name, expected, versioned.reference().root()));
  }

  /** Files with other ids have other sizes and sums; and one file says where the store is. */
  private static void correct(ArrayNode checkout, JsonNode texts, String local) {
    Map<String, JsonNode> byPath = new TreeMap<>();
    checkout.forEach(entry -> byPath.put(entry.get("path").asText(), entry));
    byPath.put(LOCAL, JSON.createObjectNode().put("path", LOCAL).put("executable", false));
    byPath.forEach(
        (path, entry) -> {
          String text = path.equals(LOCAL) ? local : texts.path(path).asText("");
          if (path.equals(LOCAL) || texts.has(path)) {
            byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
            ((ObjectNode) entry).put("size", bytes.length).put("md5", TestData.md5(bytes));
          }
        });
    checkout.removeAll();
    byPath.values().forEach(checkout::add);
  }

  private static void sizes(JsonNode list, JsonNode texts) {
    for (JsonNode entry : list) {
      String path = entry.path("path").asText();
      if (texts.has(path)) {
        byte[] bytes = texts.get(path).asText().getBytes(StandardCharsets.UTF_8);
        ((ObjectNode) entry).put("size", bytes.length);
      }
    }
  }

  @Override
  public void close() {
    versioned.close();
  }
}

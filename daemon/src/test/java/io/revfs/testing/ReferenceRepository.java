package io.revfs.testing;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.GZIPInputStream;

/** A repository that DVC made, and what a checkout of each of its commits holds. */
public record ReferenceRepository(String name, Path root, JsonNode expected) {
  /** Their names. */
  public static final List<String> NAMES =
      List.of(
          "01-single-files",
          "02-directories",
          "03-pipeline",
          "04-templating",
          "05-imports",
          "06-experiments",
          "07-legacy-2x",
          "08-remotes-config",
          "09-dvcignore",
          "10-cloud-versioned");

  /** Unpacks one below a directory. */
  public static ReferenceRepository unpack(String name, Path directory) throws IOException {
    Path archive = directory.resolve(name + ".tar.gz");
    try (InputStream in = resource(name + ".tar.gz")) {
      Files.copy(in, archive, StandardCopyOption.REPLACE_EXISTING);
    }
    Process tar =
        new ProcessBuilder("tar", "xzf", archive.toString(), "-C", directory.toString())
            .inheritIO()
            .start();
    try {
      if (tar.waitFor() != 0) {
        throw new IOException("tar fails on " + archive);
      }
    } catch (InterruptedException e) {
      throw new IOException(e);
    }
    try (InputStream in = new GZIPInputStream(resource(name + ".json.gz"))) {
      return new ReferenceRepository(
          name, directory.resolve(name), new ObjectMapper().readTree(in));
    }
  }

  private static InputStream resource(String name) throws IOException {
    InputStream in = ReferenceRepository.class.getResourceAsStream("/reference/" + name);
    if (in == null) {
      throw new IOException("there is no resource " + name);
    }
    return in;
  }

  /** Returns the working copy. */
  public Path repo() {
    return root.resolve("repo");
  }

  /** Returns the commits. */
  public List<JsonNode> revisions() {
    List<JsonNode> revisions = new ArrayList<>();
    expected.get("revisions").forEach(revisions::add);
    return revisions;
  }
}

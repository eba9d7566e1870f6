package io.revfs.browse;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.revfs.repository.DataRepository;
import io.revfs.snapshot.Snapshot;
import io.revfs.testing.OpenRepositories;
import io.revfs.testing.ReferenceRepository;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

/** {@code ls -R --json --size} of every commit of the reference repositories is what DVC says. */
class ListingTest {
  private static final ObjectMapper JSON = new ObjectMapper();

  @TempDir Path directory;

  @TestFactory
  Stream<DynamicTest> listingsAreDvcs() {
    return ReferenceRepository.NAMES.stream()
        .filter(name -> !name.startsWith("10")) // its manifests lie on S3
        .map(name -> DynamicTest.dynamicTest(name, () -> check(name)));
  }

  private void check(String name) throws Exception {
    ReferenceRepository reference = ReferenceRepository.unpack(name, directory);
    try (OpenRepositories open =
        OpenRepositories.open(Files.createDirectories(directory.resolve("of-" + name)))) {
      DataRepository repository = open.repositories().open(reference.repo().toString());
      for (JsonNode revision : reference.revisions()) {
        JsonNode expected = revision.at("/list/./list");
        if (!expected.isArray()) {
          continue; // DVC itself fails there
        }
        Snapshot snapshot = repository.snapshot(revision.get("rev").asText());
        Places.Place place =
            new Places.Place(repository, snapshot, "", snapshot.find("").orElseThrow(), false);
        List<String> lines = new ArrayList<>();
        Listing.list(
            place,
            new Listing.Options(true, false, OptionalInt.empty()),
            line -> lines.add(JSON.writeValueAsString(line)));
        List<String> wanted = new ArrayList<>();
        expected.forEach(line -> wanted.add(line.toString()));
        List<String> missing = new ArrayList<>(wanted);
        missing.removeAll(lines);
        List<String> extra = new ArrayList<>(lines);
        extra.removeAll(wanted);
        assertEquals(
            String.join("\n", missing),
            String.join("\n", extra),
            name + " " + revision.get("names"));
        assertEquals(String.join("\n", wanted), String.join("\n", lines), "the order too");
      }
    }
  }
}

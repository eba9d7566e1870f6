package io.revfs.dvc;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.revfs.object.Digest;
import io.revfs.object.ObjectKey;
import io.revfs.testing.ReferenceRepository;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Files as DVC wrote them. */
class DvcFileWriterTest {
  private static final Set<String> SIMPLE =
      Set.of("md5", "size", "nfiles", "isexec", "hash", "path");

  @TempDir Path directory;

  private List<Path> files() throws IOException {
    List<Path> files = new ArrayList<>();
    for (String name : ReferenceRepository.NAMES) {
      Path repo = ReferenceRepository.unpack(name, directory).repo();
      try (Stream<Path> all = Files.walk(repo)) {
        all.filter(file -> file.toString().endsWith(".dvc") && Files.isRegularFile(file))
            .forEach(files::add);
      }
    }
    return files;
  }

  @Test
  void filesOfDvc_areWrittenByteByByte() throws IOException {
    int fresh = 0;
    int updated = 0;
    for (Path path : files()) {
      byte[] content = Files.readAllBytes(path);
      String text = new String(content, StandardCharsets.UTF_8);
      DvcFile file = DvcFile.parse(path.toString(), content);
      assertEquals(
          text,
          text(DvcFileWriter.updated(path.toString(), content, file.outputs())),
          path::toString);
      updated++;
      boolean isSimple =
          file.outputs().size() == 1
              && file.dependencies().isEmpty()
              && file.properties().isEmpty()
              && SIMPLE.containsAll(file.outputProperties().getFirst().keySet())
              && text.indexOf("hash: ") < text.indexOf("path: "); // else of DVC 2, upgraded
      if (isSimple) {
        assertEquals(text, text(DvcFileWriter.fresh(file.outputs().getFirst())), path::toString);
        fresh++;
      }
    }
    assertTrue(fresh > 20 && updated > fresh, fresh + " new, " + updated + " updated");
  }

  @Test
  void updated_keepsCommentsAndOrder_newKeysComeLast() throws IOException {
    String before =
        """
        # by hand
        outs:
        - path: data  # here
          md5: 00000000000000000000000000000001.dir
          size: 3
          nfiles: 1
          desc: mine
        meta:
          a: 1
        """;
    DvcFile file = DvcFile.parse("data.dvc", before.getBytes(StandardCharsets.UTF_8));
    Output old = file.outputs().getFirst();
    Output now =
        new Output(
            old.path(),
            Optional.of(
                new ObjectKey(
                    new Digest(Digest.Algorithm.MD5, "00000000000000000000000000000002"), true)),
            java.util.OptionalLong.empty(),
            java.util.OptionalLong.of(2),
            false,
            true,
            Optional.empty(),
            true,
            List.of(),
            java.util.Map.of(),
            0);
    assertEquals(
        """
        # by hand
        outs:
        - path: data  # here
          md5: 00000000000000000000000000000002.dir
          nfiles: 2
          desc: mine
          hash: md5
        meta:
          a: 1
        """,
        text(
            DvcFileWriter.updated(
                "data.dvc", before.getBytes(StandardCharsets.UTF_8), List.of(now))));
  }

  @Test
  void updated_fileThatChangedMeanwhile_isRefused() {
    assertThrows(
        DvcFormatException.class,
        () ->
            DvcFileWriter.updated(
                "a.dvc", "outs: []\nmeta: 1\n".getBytes(StandardCharsets.UTF_8), filesOutputs()));
  }

  private static List<Output> filesOutputs() throws DvcFormatException {
    return DvcFile.parse("a.dvc", "outs:\n- path: a\n".getBytes(StandardCharsets.UTF_8)).outputs();
  }

  private static String text(byte[] bytes) {
    return new String(bytes, StandardCharsets.UTF_8);
  }
}

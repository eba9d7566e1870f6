package io.revfs.plot;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.revfs.metric.DataFiles;
import io.revfs.stage.FileView;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;

class PlotFilesTest {
  private int reads;

  private final DataFiles data =
      new DataFiles() {
        @Override
        public Optional<byte[]> read(String path) {
          reads++;
          return Optional.of("a\n1\n".getBytes(StandardCharsets.UTF_8));
        }

        @Override
        public OptionalLong size(String path) {
          return OptionalLong.of(path.equals("large.csv") ? 1L << 40 : 4);
        }

        @Override
        public FileView.Kind kind(String path) {
          return FileView.Kind.FILE;
        }

        @Override
        public List<String> filesBelow(String directory) {
          return List.of();
        }
      };

  @Test
  void moreThanFitsIntoMemory_isSaidWithoutReadingIt() {
    PlotFiles files = new PlotFiles(1 << 20);
    assertInstanceOf(PlotSource.Values.class, files.read(data, "a.csv", "a.csv", true));
    PlotSource large = files.read(data, "large.csv", "large.csv", true);
    String message = assertInstanceOf(PlotSource.Failed.class, large).reason().getMessage();
    assertTrue(message.contains("1 MiB together"), message);
    assertEquals(1, reads);
    assertInstanceOf(
        PlotSource.Values.class, files.read(data, "b.csv", "b.csv", true), "others go on");
  }

  @Test
  void pictures_areKnownByName() {
    for (String name : List.of("a.png", "b/c.JPG", "d.jpeg", "e.gif", "f.svg")) {
      assertTrue(PlotFiles.isPicture(name), name);
    }
    for (String name : List.of("png", ".png", "a.png.csv", "a.pdf")) {
      assertTrue(!PlotFiles.isPicture(name), name);
    }
  }
}

package io.revfs.plot;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.revfs.metric.DataFiles;
import io.revfs.stage.view.FileView;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.FutureTask;
import java.util.stream.Stream;
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
    List<PlotFiles.Source> sources =
        Stream.of("a.csv", "large.csv", "b.csv")
            .map(name -> new PlotFiles.Source(data, name, name))
            .toList();
    sources.forEach(files::plan);
    assertEquals(8, files.planned());
    assertInstanceOf(PlotSource.Values.class, files.read(sources.get(0), true));
    PlotSource large = files.read(sources.get(1), true);
    String message = assertInstanceOf(PlotSource.Failed.class, large).reason().getMessage();
    assertTrue(message.contains("1024 KiB together"), message);
    assertEquals(1, reads);
    assertInstanceOf(PlotSource.Values.class, files.read(sources.get(2), true), "others go on");
  }

  @Test
  void callsThatUseMuchMemory_waitForEachOther() throws Exception {
    PlotMemory memory = new PlotMemory(10 << 10);
    PlotMemory.Share large = memory.take(9 << 10);
    memory.take(1 << 10).close();
    FutureTask<PlotMemory.Share> second = new FutureTask<>(() -> memory.take(memory.most()));
    Thread thread = Thread.ofVirtual().start(second);
    while (thread.getState() != Thread.State.WAITING) {
      Thread.onSpinWait();
    }
    assertFalse(second.isDone());
    large.close();
    second.get().close();
    memory.take(1L << 50).close();
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

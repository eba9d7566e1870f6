package io.revfs.command.experiment.live;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.revfs.fuse.Await;
import io.revfs.testing.DvcProject;
import io.revfs.testing.TestDaemon;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Live files of runs, and the stream of events that they become. */
class LiveTest {
  @TempDir Path directory;

  private void write(String path, String text) throws IOException {
    Path file = directory.resolve(path);
    Files.createDirectories(file.getParent());
    Files.writeString(file, text);
  }

  private LiveState read() throws IOException {
    return LiveFiles.read("x", directory, directory.resolve("dvclive"));
  }

  @Test
  void stepsAndValues_comeFromBothKindsOfFiles_halfWrittenOnesCountLater() throws IOException {
    write("dvclive/plots/metrics/train/loss.tsv", "step\tloss\n0\t0.5\n1\t0.25\n2\t0.1");
    assertEquals(
        new LiveState("x", "dvclive", OptionalLong.of(1), Map.of("train.loss", 0.25)), read());
    write("dvclive/metrics.json", "{\"train\": {\"loss\": 0.125, \"n\": 3}, \"step\": 2}");
    assertEquals(
        new LiveState(
            "x", "dvclive", OptionalLong.of(2), Map.of("train.loss", 0.125, "train.n", 3L)),
        read());
    write("dvclive/metrics.json", "{\"train\": {\"lo");
    assertEquals(OptionalLong.of(1), read().step());
    write("sub/dvclive/metrics.json", "{}");
    write(".hidden/dvclive/metrics.json", "{}");
    assertEquals(
        List.of(directory.resolve("dvclive"), directory.resolve("sub/dvclive")),
        LiveFiles.directories(directory));
    write("dvclive/metrics.json", "[1]");
    assertFalse(read().metrics().isEmpty());
  }

  @Test
  void load_isOfThisMachine() throws Exception {
    SystemLoad load = new SystemLoad(directory, "");
    Map<String, Object> first = load.now();
    double cpu = (Double) first.get("cpuPercent");
    assertTrue(cpu >= 0 && cpu <= 100, first.toString());
    assertTrue((Long) first.get("memoryTotalBytes") > 0 && (Long) first.get("diskTotalBytes") > 0);
    assertFalse(first.containsKey("gpus"));
    write("bin/nvidia-smi", "#!/bin/sh\necho '37, 1024, 8192'\n");
    assertTrue(directory.resolve("bin/nvidia-smi").toFile().setExecutable(true));
    // It is given up after a while, so a busy machine may take more than one time.
    String path = "/none:" + directory.resolve("bin");
    Await.<Object>equal(
        List.of(Map.of("percent", 37.0, "memoryUsedBytes", 1L << 30, "memoryTotalBytes", 8L << 30)),
        () -> new SystemLoad(directory, path).now().getOrDefault("gpus", List.of()));
  }

  @Test
  void daemon_streamsEvents_asTheyCome() throws Exception {
    try (DvcProject project = DvcProject.make(directory);
        TestDaemon daemon = TestDaemon.start(directory.resolve("d"), "")) {
      project.commit("base");
      project.write("dvclive/metrics.json", "{\"acc\": 0.5, \"step\": 1}");
      try (SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX)) {
        assertTrue(channel.connect(UnixDomainSocketAddress.of(directory.resolve("d/run/s"))));
        String request =
            "GET /v1/experiments/events?directory=%s HTTP/1.1\r\nHost: x\r\n\r\n"
                .formatted(project.root());
        int unused = channel.write(ByteBuffer.wrap(request.getBytes(StandardCharsets.UTF_8)));
        StringBuilder text = new StringBuilder();
        await(channel, text, "\"step\": 1");
        assertTrue(text.toString().contains("text/event-stream"), text.toString());
        assertTrue(
            text.toString().contains("event: metrics\ndata: {\"experiment\": \"workspace\""));
        await(channel, text, "event: system\ndata: {\"cpuPercent\"");
        project.write("dvclive/metrics.json", "{\"acc\": 0.75, \"step\": 2}");
        await(channel, text, "\"acc\": 0.75");
      }
    }
  }

  private static void await(SocketChannel channel, StringBuilder text, String part)
      throws IOException {
    ByteBuffer buffer = ByteBuffer.allocate(1 << 16);
    while (text.indexOf(part) < 0) {
      buffer.clear();
      if (channel.read(buffer) < 0) {
        throw new IOException("no " + part + " in " + text);
      }
      text.append(new String(buffer.array(), 0, buffer.position(), StandardCharsets.UTF_8));
    }
  }
}

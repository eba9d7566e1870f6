package io.revfs.command.experiment.live;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileStore;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** What the machine is doing. For one thread. */
final class SystemLoad {
  private static final long GPU_NANOSECONDS = 5_000_000_000L;
  private static final long GPU_SECONDS = 2;

  private final Path directory;
  private final List<String> gpuCommand;
  private long busy;
  private long all;
  private long gpuAsked;
  private List<Map<String, Object>> gpus = List.of();

  /**
   * @param directory whose disk is looked at
   * @param path where the command of the graphics cards is looked for, as in {@code PATH}
   */
  SystemLoad(Path directory, String path) {
    this.directory = directory;
    this.gpuCommand =
        List.of(path.split(":")).stream()
            .map(one -> Path.of(one, "nvidia-smi"))
            .filter(Files::isExecutable)
            .findFirst()
            .map(
                command ->
                    List.of(
                        command.toString(),
                        "--query-gpu=utilization.gpu,memory.used,memory.total",
                        "--format=csv,noheader,nounits"))
            .orElse(List.of());
    this.gpuAsked = System.nanoTime() - GPU_NANOSECONDS;
  }

  /** Returns the load since the last look, in percent and bytes. */
  Map<String, Object> now() throws IOException {
    Map<String, Object> load = new LinkedHashMap<>();
    load.put("cpuPercent", cpu());
    memory(load);
    FileStore disk = Files.getFileStore(directory);
    load.put("diskTotalBytes", disk.getTotalSpace());
    load.put("diskFreeBytes", disk.getUsableSpace());
    if (!gpuCommand.isEmpty()) {
      load.put("gpus", gpus());
    }
    return load;
  }

  private double cpu() throws IOException {
    Path file = Path.of("/proc/stat");
    if (!Files.exists(file)) {
      return 0;
    }
    String[] fields = Files.readAllLines(file).getFirst().strip().split("\\s+");
    long total = 0;
    for (int i = 1; i < Math.min(fields.length, 9); i++) { // guests are counted in user already
      total += Long.parseLong(fields[i]);
    }
    long idle = Long.parseLong(fields[4]) + Long.parseLong(fields[5]);
    long passed = total - all;
    long worked = total - idle - busy;
    all = total;
    busy = total - idle;
    return passed <= 0 ? 0 : Math.round(1000.0 * worked / passed) / 10.0;
  }

  private static void memory(Map<String, Object> load) throws IOException {
    Path file = Path.of("/proc/meminfo");
    if (!Files.exists(file)) {
      return;
    }
    for (String line : Files.readAllLines(file)) {
      String[] fields = line.split("\\s+");
      switch (fields[0]) {
        case "MemTotal:" -> load.put("memoryTotalBytes", Long.parseLong(fields[1]) << 10);
        case "MemAvailable:" -> load.put("memoryFreeBytes", Long.parseLong(fields[1]) << 10);
        default -> {}
      }
    }
  }

  /** Asking takes a while, so it is done now and then. */
  private List<Map<String, Object>> gpus() {
    if (System.nanoTime() - gpuAsked < GPU_NANOSECONDS) {
      return gpus;
    }
    gpuAsked = System.nanoTime();
    List<Map<String, Object>> found = new ArrayList<>();
    try {
      Process process =
          new ProcessBuilder(gpuCommand).redirectError(ProcessBuilder.Redirect.DISCARD).start();
      process.getOutputStream().close();
      if (!process.waitFor(GPU_SECONDS, TimeUnit.SECONDS)) {
        process.destroyForcibly();
        return gpus;
      }
      String text = new String(process.getInputStream().readAllBytes(), StandardCharsets.US_ASCII);
      for (String line : text.lines().toList()) {
        String[] fields = line.split("\\s*,\\s*");
        Map<String, Object> gpu = new LinkedHashMap<>();
        gpu.put("percent", Double.valueOf(fields[0].strip()));
        gpu.put("memoryUsedBytes", Long.parseLong(fields[1].strip()) << 20);
        gpu.put("memoryTotalBytes", Long.parseLong(fields[2].strip()) << 20);
        found.add(gpu);
      }
      gpus = List.copyOf(found);
    } catch (IOException | NumberFormatException | ArrayIndexOutOfBoundsException e) {
      return gpus; // without a driver the command answers with a sentence
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    return gpus;
  }
}

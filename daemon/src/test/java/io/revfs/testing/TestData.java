package io.revfs.testing;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Map;
import java.util.TreeMap;

/** A Git + DVC repository made by hand: plain git, and objects in a directory. */
public final class TestData {
  private final Path repository;
  private final Path store;

  /** Makes {@code directory/repo} and {@code directory/store}; the remote's URL is the store. */
  public TestData(Path directory) throws IOException {
    this(directory, directory.resolve("store").toString());
  }

  /** Makes {@code directory/repo} and {@code directory/store}, which the remote's URL leads to. */
  public TestData(Path directory, String remoteUrl) throws IOException {
    this.repository = Files.createDirectories(directory.resolve("repo"));
    this.store = Files.createDirectories(directory.resolve("store"));
    git("init", "-q", "-b", "main");
    write(".dvc/config", "[core]\n    remote = r\n['remote \"r\"']\n    url = " + remoteUrl + "\n");
  }

  /** Returns the working copy. */
  public Path repository() {
    return repository;
  }

  /** Returns where an object lies. */
  public Path object(String md5) {
    return store.resolve("files/md5/" + md5.substring(0, 2) + "/" + md5.substring(2));
  }

  /** Returns the MD5 in hexadecimal digits. */
  public static String md5(byte[] bytes) {
    try {
      return HexFormat.of().formatHex(MessageDigest.getInstance("MD5").digest(bytes));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }

  /** Stores an object; returns its MD5. */
  public String store(byte[] bytes, String suffix) throws IOException {
    String md5 = md5(bytes) + suffix;
    Files.createDirectories(object(md5).getParent());
    Files.write(object(md5), bytes);
    return md5;
  }

  /** Tracks a file by DVC; returns its MD5. */
  public String file(String path, byte[] bytes) throws IOException {
    String md5 = store(bytes, "");
    write(path + ".dvc", output(md5, bytes.length, path));
    return md5;
  }

  /** Tracks a directory by DVC; returns the manifest's name. */
  public String directory(String path, Map<String, byte[]> files) throws IOException {
    StringBuilder json = new StringBuilder("[");
    long size = 0;
    for (Map.Entry<String, byte[]> file : new TreeMap<>(files).entrySet()) {
      json.append(json.length() == 1 ? "" : ", ")
          .append("{\"md5\": \"")
          .append(store(file.getValue(), ""))
          .append("\", \"relpath\": \"")
          .append(file.getKey())
          .append("\"}");
      size += file.getValue().length;
    }
    String name = store((json + "]").getBytes(StandardCharsets.UTF_8), ".dir");
    write(path + ".dvc", output(name, size, path));
    return name;
  }

  private static String output(String md5, long size, String path) {
    return "outs:\n- md5: %s\n  size: %d\n  hash: md5\n  path: %s\n"
        .formatted(md5, size, path.substring(path.lastIndexOf('/') + 1));
  }

  /** Writes a file of Git's. */
  public void write(String path, String text) throws IOException {
    Path file = repository.resolve(path);
    Files.createDirectories(file.getParent());
    Files.writeString(file, text);
  }

  /** Commits all; returns the id. */
  public String commit(String tag) throws IOException {
    git("add", "-A");
    git("commit", "-q", "--allow-empty", "-m", tag);
    git("tag", "-f", tag);
    return git("rev-parse", "HEAD");
  }

  /** Runs git in the working copy; returns what it printed. */
  public String git(String... words) throws IOException {
    java.util.List<String> command =
        new java.util.ArrayList<>(
            java.util.List.of("git", "-c", "user.name=test", "-c", "user.email=test@example.com"));
    command.addAll(java.util.List.of(words));
    Process process =
        new ProcessBuilder(command)
            .directory(repository.toFile())
            .redirectErrorStream(true)
            .start();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    try {
      if (process.waitFor() != 0) {
        throw new IOException(command + ": " + output);
      }
    } catch (InterruptedException e) {
      throw new IOException(e);
    }
    return output.strip();
  }
}

package io.revfs.git;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import org.eclipse.jgit.errors.ConfigInvalidException;
import org.eclipse.jgit.storage.file.FileBasedConfig;
import org.eclipse.jgit.util.FS;
import org.eclipse.jgit.util.FileUtils;

/** A bare copy of a repository that is known by URL, kept in a directory of ours. */
public final class Mirror {
  private static final long SECONDS = 3600;
  private static final List<String> REFS =
      List.of("+refs/heads/*:refs/heads/*", "+refs/tags/*:refs/tags/*", "+refs/exps/*:refs/exps/*");

  private Mirror() {}

  /** Returns whether a user's word is a clone URL rather than a path. */
  public static boolean isUrl(String location) {
    return location.contains("://") || location.matches("[\\w.-]+@[\\w.-]+:.*");
  }

  /**
   * Returns the mirror's directory, cloning if it is not there. A clone that was killed leaves
   * nothing that is taken for a mirror.
   *
   * @throws IOException with what git said
   */
  public static Path of(String url, Path mirrors) throws IOException {
    Path directory = mirrors.resolve(name(url) + ".git");
    if (Files.isDirectory(directory)) {
      return directory;
    }
    Files.createDirectories(mirrors);
    // URLs may hold passwords, and a mirror's configuration holds its URL.
    Files.setPosixFilePermissions(mirrors, PosixFilePermissions.fromString("rwx------"));
    Path fresh = Files.createTempDirectory(mirrors, "clone");
    try {
      check("clone", GitCommand.run(mirrors, 30, "init", "-q", "--bare", fresh.toString()));
      configure(fresh, url);
      fetch(fresh);
      adoptHead(fresh);
      Files.move(fresh, directory, StandardCopyOption.ATOMIC_MOVE);
    } finally {
      FileUtils.delete(
          fresh.toFile(), FileUtils.RECURSIVE | FileUtils.SKIP_MISSING | FileUtils.RETRY);
    }
    return directory;
  }

  /** Not by the command, whose arguments every user of the machine can read. */
  private static void configure(Path mirror, String url) throws IOException {
    FileBasedConfig config = new FileBasedConfig(mirror.resolve("config").toFile(), FS.DETECTED);
    try {
      config.load();
    } catch (ConfigInvalidException e) {
      throw new IOException("git init made no configuration", e);
    }
    config.setString("remote", "origin", "url", url);
    config.setStringList("remote", "origin", "fetch", REFS);
    config.save();
  }

  /** Brings the mirror up to date. */
  public static void fetch(Path mirror) throws IOException {
    check("fetch", GitCommand.run(mirror, SECONDS, "fetch", "-q", "--prune", "origin"));
  }

  /** HEAD is the origin's default branch. */
  private static void adoptHead(Path mirror) throws IOException {
    GitCommand.Result head = GitCommand.run(mirror, 60, "ls-remote", "--symref", "origin", "HEAD");
    for (String line : head.output().lines().toList()) {
      if (line.startsWith("ref: ")) {
        String branch = line.substring(5).split("\\s")[0];
        check("clone", GitCommand.run(mirror, 30, "symbolic-ref", "HEAD", branch));
        return;
      }
    }
  }

  private static void check(String what, GitCommand.Result result) throws IOException {
    if (result.exit() != 0) {
      List<String> lines =
          result
              .output()
              .lines()
              .map(line -> line.replaceFirst("^(fatal|error): ", "").strip())
              .filter(line -> !line.isEmpty())
              .toList();
      throw new UnreachableException("git " + what + ": " + String.join("; ", lines));
    }
  }

  /** What is to be cloned or fetched cannot be had; the message is Git's, on one line. */
  public static final class UnreachableException extends IOException {
    private static final long serialVersionUID = 1L;

    UnreachableException(String message) {
      super(message);
    }
  }

  private static String name(String url) {
    try {
      byte[] hash =
          MessageDigest.getInstance("SHA-256").digest(url.getBytes(StandardCharsets.UTF_8));
      return HexFormat.of().formatHex(hash, 0, 16);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }
}

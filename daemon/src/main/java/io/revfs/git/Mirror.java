package io.revfs.git;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/** A bare copy of a repository that is known by URL, kept in a directory of ours. */
public final class Mirror {
  private static final long SECONDS = 3600;
  private static final String[] REFS = {
    "+refs/heads/*:refs/heads/*", "+refs/tags/*:refs/tags/*", "+refs/exps/*:refs/exps/*"
  };

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
    Path fresh = Files.createTempDirectory(mirrors, "clone");
    check("clone", GitCommand.run(mirrors, 30, "init", "-q", "--bare", fresh.toString()));
    check("clone", GitCommand.run(fresh, 30, "remote", "add", "origin", url));
    for (int i = 0; i < REFS.length; i++) {
      String flag = i == 0 ? "--replace-all" : "--add";
      check("clone", GitCommand.run(fresh, 30, "config", flag, "remote.origin.fetch", REFS[i]));
    }
    fetch(fresh);
    adoptHead(fresh);
    Files.move(fresh, directory, StandardCopyOption.ATOMIC_MOVE);
    return directory;
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
      throw new IOException("git " + what + " failed: " + result.output().strip());
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

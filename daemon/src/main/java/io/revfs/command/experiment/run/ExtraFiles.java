package io.revfs.command.experiment.run;

import io.revfs.command.CommandFailure;
import io.revfs.reach.OnlyShown;
import io.revfs.reach.Passages;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.Optional;

/** What an experiment takes along of the work tree, whether or not Git tracks it. */
final class ExtraFiles {
  private ExtraFiles() {}

  /** Copies a file or directory, also what is only shown of it. */
  static void copy(Path from, Path to) throws IOException {
    if (!Passages.exists(from)) {
      throw new CommandFailure(
          "Unable to copy '%s'. It is not a file or directory.".formatted(Passages.shown(from)),
          "correct --copy-paths",
          CommandFailure.OTHER);
    }
    Files.createDirectories(to.resolveSibling(""));
    if (Files.exists(from)) {
      copyBelow(from, to);
    }
    Optional<Passages.Place> covered = Passages.at(from);
    if (covered.isPresent()) {
      copyShown(covered.get(), to);
    }
  }

  private static void copyBelow(Path from, Path to) throws IOException {
    Files.walkFileTree(
        from,
        new SimpleFileVisitor<>() {
          @Override
          public FileVisitResult preVisitDirectory(Path at, BasicFileAttributes attributes)
              throws IOException {
            Files.createDirectories(to.resolve(from.relativize(at).toString()));
            return FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult visitFile(Path file, BasicFileAttributes attributes)
              throws IOException {
            Files.copy(
                file,
                to.resolve(from.relativize(file).toString()),
                StandardCopyOption.REPLACE_EXISTING,
                StandardCopyOption.COPY_ATTRIBUTES);
            return FileVisitResult.CONTINUE;
          }
        });
  }

  private static void copyShown(Passages.Place from, Path to) throws IOException {
    Optional<OnlyShown> one = from.find().filter(found -> !found.directory());
    if (one.isPresent()) {
      write(one.get(), to);
      return;
    }
    Path top = Path.of(from.path());
    from.covered()
        .visit(
            from.path(),
            file -> write(file, to.resolve(top.relativize(Path.of(file.path())).toString())));
  }

  private static void write(OnlyShown file, Path to) throws IOException {
    Files.createDirectories(to.resolveSibling(""));
    try (InputStream in = file.bytes().open()) {
      Files.copy(in, to, StandardCopyOption.REPLACE_EXISTING);
    }
    if (file.executable()) {
      boolean unused = to.toFile().setExecutable(true, false);
    }
  }
}

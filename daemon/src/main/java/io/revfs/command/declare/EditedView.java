package io.revfs.command.declare;

import io.revfs.stage.view.FileView;
import io.revfs.text.RelativePaths;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/** The files of a project, one of them with other bytes than it has. */
public record EditedView(FileView others, String file, byte[] content) implements FileView {
  @Override
  public Path root() {
    return others.root();
  }

  @Override
  public boolean isWorkTree() {
    return others.isWorkTree();
  }

  @Override
  public Optional<Path> gitRoot() {
    return others.gitRoot();
  }

  @Override
  public Optional<byte[]> read(String path) throws IOException {
    return path.equals(file) ? Optional.of(content) : others.read(path);
  }

  @Override
  public Kind kind(String path) throws IOException {
    return path.equals(file) ? Kind.FILE : others.kind(path);
  }

  @Override
  public List<Entry> list(String directory) throws IOException {
    List<Entry> entries = new ArrayList<>(others.list(directory));
    String name = RelativePaths.name(file);
    boolean here = RelativePaths.parent(file).equals(directory);
    if (here && entries.stream().noneMatch(entry -> entry.name().equals(name))) {
      entries.add(new Entry(name, Kind.FILE));
      entries.sort(Comparator.comparing(Entry::name));
    }
    return entries;
  }
}

package io.revfs.command.project;

import io.revfs.command.Command;
import io.revfs.command.Invocation;
import io.revfs.command.tracking.Session;
import io.revfs.dvc.DvcFormatException;
import io.revfs.project.ConfigFiles;
import io.revfs.project.ConfigLevel;
import io.revfs.project.NotInProjectException;
import io.revfs.project.Project;
import io.revfs.workspace.Workspaces;
import io.revfs.workspace.store.LinkType;
import io.revfs.workspace.store.Linker;
import java.io.IOException;
import java.nio.file.FileStore;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** {@code version}: what answers, and how the project around is set up. */
final class VersionCommand implements Command {
  /** The version of DVC that is answered for; the command's own {@code --version} says the same. */
  private static final String DVC = "3.67.1";

  private static final List<String> SUPPORTED =
      List.of("azure", "gs", "hdfs", "webhdfs", "http", "https", "s3", "ssh", "webdav", "webdavs");

  private final Workspaces workspaces;

  VersionCommand(Workspaces workspaces) {
    this.workspaces = workspaces;
  }

  @Override
  public String name() {
    return "version";
  }

  @Override
  public void run(Invocation call) throws IOException {
    Map<String, String> facts = new LinkedHashMap<>();
    String own = VersionCommand.class.getPackage().getImplementationVersion();
    String version = DVC + " (revfs" + (own == null ? "" : " " + own) + ")";
    facts.put(
        "Platform",
        "Java %s on %s-%s-%s"
            .formatted(
                Runtime.version().toString(),
                System.getProperty("os.name"),
                System.getProperty("os.version"),
                System.getProperty("os.arch")));
    facts.put("Supports", "\n\t" + String.join(",\n\t", SUPPORTED));
    facts.put("Config", levels(new ConfigFiles(call.environment(), Optional.empty())));
    try (Session session = Session.open(call, workspaces, "Looking")) {
      project(session, facts);
    } catch (NotInProjectException e) {
      // Then there is nothing to say of it.
    }
    String title = "DVC version: " + version;
    List<String> lines = new ArrayList<>(List.of(title, "-".repeat(title.length())));
    facts.forEach(
        (name, value) -> lines.add(name + ":" + (value.startsWith("\n") ? "" : " ") + value));
    call.out(String.join("\n", lines));
    Map<String, String> json = new LinkedHashMap<>();
    json.put("DVC version", version);
    json.putAll(facts);
    call.result(json);
  }

  private static String levels(ConfigFiles files) {
    return "\n\tGlobal: %s\n\tSystem: %s"
        .formatted(directory(files, ConfigLevel.GLOBAL), directory(files, ConfigLevel.SYSTEM));
  }

  private static String directory(ConfigFiles files, ConfigLevel level) {
    return files.file(level).map(file -> file.resolveSibling("").toString()).orElse("none");
  }

  private static void project(Session session, Map<String, String> facts) throws IOException {
    Project project = session.project();
    Path cache = project.cacheDirectory();
    if (Files.isDirectory(cache)) {
      facts.put("Cache types", linkTypes(session));
      facts.put("Cache directory", fileSystem(cache));
    } else {
      facts.put("Cache types", "<https://error.dvc.org/no-dvc-cache>");
    }
    facts.put("Caches", "local");
    facts.put("Remotes", remotes(project));
    facts.put("Workspace directory", fileSystem(project.root()));
    facts.put(
        "Repo",
        project
            .gitRoot()
            .map(git -> git.equals(project.root()) ? "dvc, git" : "dvc (subdir), git")
            .orElse("dvc (no_scm)"));
  }

  /** Returns those that work between the cache and the work tree, whatever is configured. */
  private static String linkTypes(Session session) throws IOException {
    List<LinkType> all = List.of(LinkType.REFLINK, LinkType.HARDLINK, LinkType.SYMLINK);
    List<String> works =
        new Linker(session.workspace().store(), all)
            .workable(session.project().root()).stream().map(LinkType::word).toList();
    return works.isEmpty() ? "copy" : String.join(", ", works);
  }

  private static String fileSystem(Path path) throws IOException {
    FileStore store = Files.getFileStore(path);
    return store.type() + " on " + store.name();
  }

  private static String remotes(Project project) throws DvcFormatException {
    List<String> kinds = new ArrayList<>();
    for (String remote : project.config().remoteNames()) {
      String url = project.config().remote(remote).url();
      int colon = url.indexOf("://");
      kinds.add(colon < 0 ? "local" : url.substring(0, colon));
    }
    return kinds.isEmpty() ? "None" : String.join(", ", kinds);
  }
}

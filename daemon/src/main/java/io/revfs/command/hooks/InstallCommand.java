package io.revfs.command.hooks;

import io.revfs.command.Command;
import io.revfs.command.CommandFailure;
import io.revfs.command.Invocation;
import io.revfs.git.GitCommand;
import io.revfs.project.Project;
import io.revfs.text.AtomicFile;
import io.revfs.text.YamlDocument;
import io.revfs.text.YamlSyntaxException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** {@code install}: makes Git run DVC. All hooks are installed, or none. */
final class InstallCommand implements Command {
  private static final long GIT_SECONDS = 60;
  private static final List<String> HOOKS = List.of("post-checkout", "pre-commit", "pre-push");
  private static final String DVC = "dvc";
  private static final String DRIVER = " git-hook merge-driver --ancestor %O --our %A --their %B ";

  /** The version of DVC whose hooks the pre-commit tool fetches. */
  private static final String VERSION = "3.67.1";

  @Override
  public String name() {
    return "install";
  }

  @Override
  public void run(Invocation call) throws IOException {
    Project project = Project.find(call.directory(), call.environment());
    Optional<Path> git = project.gitRoot();
    if (git.isEmpty()) {
      return;
    }
    String unused = git(git.get(), "config", "merge.dvc.name", "DVC merge driver");
    String dvc = dvc(call);
    unused = git(git.get(), "config", "merge.dvc.driver", dvc + DRIVER);
    if (call.flag("use-pre-commit-tool")) {
      toolHooks(call, git.get().resolve(".pre-commit-config.yaml"));
    } else {
      hooks(call, git.get(), dvc);
    }
  }

  /** Returns how Git's shell finds DVC: where the caller finds none, it is this one. */
  private static String dvc(Invocation call) {
    if (onPath(call, DVC).isPresent()) {
      return DVC;
    }
    Path libraries = Path.of(System.getProperty("java.class.path").split(":", 2)[0]);
    Path own = libraries.resolveSibling("../bin").resolve(DVC).normalize();
    if (Files.isExecutable(own)) {
      return "'" + own.toString().replace("'", "'\\''") + "'";
    }
    call.warn("WARNING: Git will look for '" + DVC + "' on its PATH, where there is none now");
    return DVC;
  }

  private static Optional<Path> onPath(Invocation call, String program) {
    for (String directory : call.environment().getOrDefault("PATH", "").split(":")) {
      if (directory.startsWith("/") && Files.isExecutable(Path.of(directory, program))) {
        return Optional.of(Path.of(directory, program).normalize());
      }
    }
    return Optional.empty();
  }

  private static String git(Path root, String... words) throws IOException {
    GitCommand.Result result = GitCommand.run(root, GIT_SECONDS, words);
    if (result.exit() != 0) {
      throw failed("git " + words[0] + ": " + result.output().strip(), "see: git config -l");
    }
    return result.output().strip();
  }

  private static CommandFailure failed(String message, String whatToDo) {
    return new CommandFailure(
        "failed to install DVC Git hooks - " + message, whatToDo, CommandFailure.FAILED);
  }

  /** Git itself says where its hooks are: work trees of a repository share them. */
  private static void hooks(Invocation call, Path root, String dvc) throws IOException {
    Path directory = root.resolve(git(root, "rev-parse", "--git-path", "hooks"));
    for (String hook : HOOKS) {
      if (Files.exists(directory.resolve(hook), LinkOption.NOFOLLOW_LINKS)) {
        throw failed(
            "Hook '%s' already exists".formatted(hook),
            "add to it: dvc git-hook %s \"$@\"; or remove it: %s"
                .formatted(hook, directory.resolve(hook)));
      }
    }
    Files.createDirectories(directory);
    Path shell = onPath(call, "sh").orElse(Path.of("/bin/sh"));
    for (String hook : HOOKS) {
      String script = "#!%s\nexec %s git-hook %s $@\n".formatted(shell, dvc, hook);
      Path file = directory.resolve(hook);
      AtomicFile.replace(file, script.getBytes(StandardCharsets.UTF_8), 0);
      Files.setPosixFilePermissions(file, AtomicFile.permissions(0777));
    }
  }

  private static void toolHooks(Invocation call, Path file) throws IOException {
    Map<String, @Nullable Object> entry = new LinkedHashMap<>();
    entry.put("repo", "https://github.com/treeverse/dvc");
    entry.put("rev", VERSION);
    entry.put(
        "hooks", List.of(toolHook("pre-commit"), toolHook("pre-push"), toolHook("post-checkout")));
    try {
      YamlDocument document = YamlDocument.parse(Files.exists(file) ? Files.readString(file) : "");
      Map<String, @Nullable Object> value = document.value();
      List<@Nullable Object> repos = new ArrayList<>();
      if (value.get("repos") instanceof List<?> there) {
        repos.addAll(there);
      }
      if (!repos.contains(entry)) {
        repos.add(entry);
        value.put("repos", repos);
        document.apply(value);
        AtomicFile.replace(
            file, document.toString().getBytes(StandardCharsets.UTF_8), call.umask());
      }
    } catch (YamlSyntaxException e) {
      throw failed(file + ": " + e.getMessage(), "correct that file");
    }
  }

  private static Map<String, @Nullable Object> toolHook(String hook) {
    Map<String, @Nullable Object> map = new LinkedHashMap<>();
    map.put("id", "dvc-" + hook);
    map.put("additional_dependencies", List.of(".[all]"));
    map.put("language_version", "python3");
    map.put("stages", List.of(hook));
    if (hook.equals("post-checkout")) {
      map.put("always_run", true);
    }
    return map;
  }
}

package io.revfs.command.config;

import io.revfs.command.Command;
import io.revfs.command.Invocation;
import io.revfs.project.ConfigEdit;
import io.revfs.project.Project;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;

/** {@code cache dir}: where DVC's cache is. */
final class CacheDirCommand implements Command {
  @Override
  public String name() {
    return "cache dir";
  }

  @Override
  public void run(Invocation call) throws IOException {
    Optional<String> value = call.value("value");
    if (value.isEmpty() && !call.flag("unset")) {
      show(call);
      return;
    }
    ConfigEdit edit = Levels.of(call).edit();
    if (value.isPresent()) {
      edit.set("cache", "dir", value.get(), call.directory());
    } else {
      if (!edit.sections().getOrDefault("cache", Map.of()).containsKey("dir")) {
        throw missing();
      }
      edit.remove("cache", "dir");
    }
    edit.save(call.umask());
  }

  private static void show(Invocation call) throws IOException {
    Levels levels = Levels.of(call);
    String directory = levels.merged().getOrDefault("cache", Map.of()).get("dir");
    if (directory == null) {
      Optional<Path> root = Project.findRoot(call.directory());
      if (levels.given().isPresent() || root.isEmpty()) {
        throw missing();
      }
      directory = root.get().resolve(".dvc/cache").toString();
    }
    call.out(directory);
    call.result(Map.of("dir", directory));
  }

  private static IOException missing() {
    return Levels.wrong(
        "option 'dir' doesn't exist in section 'cache'", "set it: cache dir DIRECTORY");
  }
}

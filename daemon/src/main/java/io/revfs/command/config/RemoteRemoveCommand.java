package io.revfs.command.config;

import io.revfs.command.Command;
import io.revfs.command.Invocation;
import io.revfs.project.ConfigEdit;
import io.revfs.project.ConfigLevel;
import java.io.IOException;
import java.util.Locale;
import java.util.Map;

/** {@code remote remove}; a default that names the remote goes as well. */
final class RemoteRemoveCommand implements Command {
  @Override
  public String name() {
    return "remote remove";
  }

  @Override
  public void run(Invocation call) throws IOException {
    String name = call.required("name").toLowerCase(Locale.ROOT);
    Levels levels = Levels.of(call);
    ConfigEdit edit = levels.edit();
    if (!edit.sections().containsKey("remote." + name)) {
      throw Levels.wrong("remote '" + name + "' doesn't exist.", "see the names: remote list");
    }
    edit.removeSection("remote." + name);
    edit.save(call.umask());
    for (ConfigLevel level : levels.downToEdited()) {
      ConfigEdit other = levels.edit(level);
      String usual = other.sections().getOrDefault("core", Map.of()).getOrDefault("remote", "");
      if (usual.equals(name)) {
        other.remove("core", "remote");
        other.save(call.umask());
      }
    }
  }
}

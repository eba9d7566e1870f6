package io.revfs.command.config;

import io.revfs.command.Command;
import io.revfs.command.Invocation;
import io.revfs.project.ConfigEdit;
import io.revfs.project.ConfigLevel;
import java.io.IOException;
import java.util.Locale;
import java.util.Map;

/** {@code remote rename}; a default that names the remote follows. */
final class RemoteRenameCommand implements Command {
  @Override
  public String name() {
    return "remote rename";
  }

  @Override
  public void run(Invocation call) throws IOException {
    String name = call.required("name").toLowerCase(Locale.ROOT);
    String to = call.required("new").toLowerCase(Locale.ROOT);
    Levels levels = Levels.of(call);
    ConfigEdit edit = levels.edit();
    for (ConfigLevel level : levels.read()) {
      if (levels.shown(level).containsKey("remote." + to)) {
        throw Levels.wrong(
            "Rename failed. Remote name '" + to + "' already exists.", "choose another name");
      }
    }
    if (!edit.sections().containsKey("remote." + name)) {
      throw Levels.wrong("remote '" + name + "' doesn't exist.", "see the names: remote list");
    }
    edit.renameSection("remote." + name, "remote." + to);
    for (ConfigLevel level : levels.downToEdited()) {
      ConfigEdit other =
          level == levels.given().orElse(ConfigLevel.PROJECT) ? edit : levels.edit(level);
      String usual = other.sections().getOrDefault("core", Map.of()).getOrDefault("remote", "");
      if (usual.equals(name)) {
        other.set("core", "remote", to, call.directory());
      }
      if (other == edit || usual.equals(name)) {
        other.save(call.umask());
      }
    }
  }
}

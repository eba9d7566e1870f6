package io.revfs.command.config;

import io.revfs.command.Command;
import io.revfs.command.Invocation;
import io.revfs.project.ConfigEdit;
import java.io.IOException;
import java.util.Locale;

/** {@code remote add}. */
final class RemoteAddCommand implements Command {
  @Override
  public String name() {
    return "remote add";
  }

  @Override
  public void run(Invocation call) throws IOException {
    String name = call.required("name").toLowerCase(Locale.ROOT);
    if (call.flag("default")) {
      call.out("Setting '" + name + "' as a default remote.");
    }
    ConfigEdit edit = Levels.of(call).edit();
    String section = "remote." + name;
    if (edit.sections().containsKey(section)) {
      if (!call.flag("force")) {
        throw Levels.wrong(
            "remote '" + name + "' already exists. Use `-f|--force` to overwrite it.",
            "see what it is: remote list");
      }
      edit.sections()
          .getOrDefault(section, java.util.Map.of())
          .keySet()
          .forEach(key -> edit.remove(section, key));
    }
    edit.set(section, "url", call.required("url"), call.directory());
    if (call.flag("default")) {
      edit.set("core", "remote", name, call.directory());
    }
    edit.save(call.umask());
  }
}

package io.revfs.command.config;

import io.revfs.command.Command;
import io.revfs.command.CommandFailure;
import io.revfs.command.Invocation;
import io.revfs.project.ConfigEdit;
import java.io.IOException;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/** {@code remote default}: shows or sets it. */
final class RemoteDefaultCommand implements Command {
  @Override
  public String name() {
    return "remote default";
  }

  @Override
  public void run(Invocation call) throws IOException {
    Levels levels = Levels.of(call);
    Optional<String> name = call.value("name").map(n -> n.toLowerCase(Locale.ROOT));
    if (name.isEmpty() && !call.flag("unset")) {
      String remote = levels.merged().getOrDefault("core", Map.of()).get("remote");
      call.out(remote == null ? "No default remote set" : remote);
      call.exit(remote == null ? CommandFailure.FAILED : 0);
      call.result(java.util.Collections.singletonMap("remote", remote));
      return;
    }
    ConfigEdit edit = levels.edit();
    if (call.flag("unset")) {
      edit.remove("core", "remote");
    } else {
      if (!levels.upToEdited().containsKey("remote." + name.get())) {
        throw Levels.wrong(
            "default remote must be present in remote list.", "add it: remote add NAME URL");
      }
      edit.set("core", "remote", name.get(), call.directory());
    }
    edit.save(call.umask());
  }
}

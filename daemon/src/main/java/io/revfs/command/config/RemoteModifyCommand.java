package io.revfs.command.config;

import io.revfs.command.Command;
import io.revfs.command.CommandFailure;
import io.revfs.command.Invocation;
import io.revfs.project.ConfigEdit;
import java.io.IOException;
import java.util.Locale;

/** {@code remote modify}: sets or takes out an option of a remote. */
final class RemoteModifyCommand implements Command {
  @Override
  public String name() {
    return "remote modify";
  }

  @Override
  public void run(Invocation call) throws IOException {
    String name = call.required("name").toLowerCase(Locale.ROOT);
    String option = call.required("option").toLowerCase(Locale.ROOT);
    Levels levels = Levels.of(call);
    ConfigEdit edit = levels.edit();
    if (!levels.upToEdited().containsKey("remote." + name)) {
      throw Levels.wrong("remote '" + name + "' doesn't exist.", "see the names: remote list");
    }
    if (call.flag("unset")) {
      edit.remove("remote." + name, option);
    } else {
      String value =
          call.value("value")
              .orElseThrow(
                  () ->
                      new CommandFailure(
                          "the value of '" + option + "' is missing",
                          "give it, or take the option out with -u",
                          CommandFailure.USAGE));
      edit.set("remote." + name, option, value, call.directory());
    }
    edit.save(call.umask());
  }
}

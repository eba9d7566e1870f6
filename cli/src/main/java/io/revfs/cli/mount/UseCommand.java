package io.revfs.cli.mount;

import com.fasterxml.jackson.databind.JsonNode;
import io.revfs.cli.client.Client;
import io.revfs.cli.command.Options;
import io.revfs.cli.command.RevfsCommand;
import io.revfs.cli.terminal.CommandException;
import java.io.IOException;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.PositionalParamSpec;

/** {@code revfs use}. */
public final class UseCommand extends RevfsCommand {
  private String revision = "";
  private @Nullable String mount;
  private String view = "current";

  // Not by annotations: people switch often, so this one is to be fast.
  @Override
  public CommandSpec spec() {
    CommandSpec spec = CommandSpec.wrapWithoutInspection(this).name("use");
    spec.usageMessage()
        .description("Point a view of a mount to a revision.")
        .footer("", "Example: revfs use v1.2", "         revfs use HEAD~3 --view baseline");
    spec.addPositional(
        PositionalParamSpec.builder()
            .index("0")
            .type(String.class)
            .arity("1")
            .required(true)
            .paramLabel("REV")
            .description("Anything that names a revision.")
            .setter(new Options.Setter(v -> revision = (String) v))
            .build());
    spec.addOption(
        Options.value(
            "--mount", "DIR", "The mount, if there are several.", v -> mount = (String) v));
    spec.addOption(
        Options.value("--view", "NAME", "The view; current if not given.", v -> view = (String) v));
    return spec;
  }

  @Override
  protected int run() throws IOException {
    try (Client daemon = daemon()) {
      Map<String, Object> body = new HashMap<>(Map.of("revision", revision, "view", view));
      if (mount != null) {
        body.put("directory", absolute(mount));
      }
      JsonNode answer = daemon.post("/v1/use", body);
      if (!asJson(answer)) {
        say(
            answer.path("directory").asText()
                + "/"
                + view
                + " is "
                + answer.path("commit").asText());
      }
      return CommandException.OK;
    }
  }
}

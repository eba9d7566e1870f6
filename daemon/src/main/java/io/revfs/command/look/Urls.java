package io.revfs.command.look;

import io.revfs.command.CommandFailure;
import io.revfs.command.Invocation;
import io.revfs.dvc.DvcConfig;
import io.revfs.object.ObjectMissingException;
import io.revfs.project.Project;
import io.revfs.url.ExternalData;
import io.revfs.url.ExternalUrls;
import java.io.IOException;
import java.util.Map;
import java.util.Optional;

/** Opens the URLs that callers name, in the project they are in or in none. */
final class Urls {
  private final ExternalUrls urls;

  Urls(ExternalUrls urls) {
    this.urls = urls;
  }

  /** Opens a URL with the options of {@code --fs-config}; the caller closes it. */
  ExternalData open(Invocation call, String url) throws IOException {
    Optional<DvcConfig> config = Optional.empty();
    if (Project.findRoot(call.directory()).isPresent()) {
      config = Optional.of(Project.find(call.directory(), call.environment()).config());
    }
    Map<String, String> options = Sources.pairs(call, "fs-config");
    return urls.open(
        new ExternalUrls.Request(
            url, call.directory(), options, config, Optional.empty(), call.environment()));
  }

  static CommandFailure missing(String url, ObjectMissingException cause, int exit) {
    return new CommandFailure(
        "The path '" + io.revfs.remote.Redaction.url(url) + "' does not exist",
        "look for it with: list-url",
        exit,
        cause);
  }
}

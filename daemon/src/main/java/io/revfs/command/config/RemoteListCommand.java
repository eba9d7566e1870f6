package io.revfs.command.config;

import io.revfs.command.Command;
import io.revfs.command.Invocation;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.Map;

/** {@code remote list}. */
final class RemoteListCommand implements Command {
  private static final int TAB = 8;

  @Override
  public String name() {
    return "remote list";
  }

  @Override
  public void run(Invocation call) throws IOException {
    Map<String, Map<String, String>> sections = Levels.of(call).merged();
    String usual = sections.getOrDefault("core", Map.of()).getOrDefault("remote", "");
    Map<String, String> urls = new LinkedHashMap<>();
    sections.forEach(
        (section, values) -> {
          if (section.startsWith("remote.")) {
            String name = section.substring("remote.".length());
            String url = values.getOrDefault("url", "");
            urls.put(name, url);
            call.out(tabbed(tabbed(name) + url, name.equals(usual) ? "(default)" : ""));
          }
        });
    call.result(urls);
  }

  private static String tabbed(String text, String more) {
    return more.isEmpty() ? text : tabbed(text) + more;
  }

  /** Fills up to the next stop of a tabulator. */
  private static String tabbed(String text) {
    return text + " ".repeat(TAB - text.length() % TAB);
  }
}

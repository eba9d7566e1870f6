package io.revfs.command.config;

import io.revfs.command.Command;
import io.revfs.command.CommandFailure;
import io.revfs.command.Invocation;
import io.revfs.project.ConfigEdit;
import io.revfs.project.ConfigLevel;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** {@code config}: shows and sets options. */
final class ConfigCommand implements Command {
  private static final Pattern NAME =
      Pattern.compile("(?<top>(?:remote|db)\\.)?(?<section>[^.]*)\\.(?<option>[^.]*)");

  /** An option's place: {@code remote.NAME} or the section, and the key. */
  private record Name(String kind, String section, String key) {
    String shortSection() {
      return section.substring(section.indexOf('.') + 1);
    }
  }

  @Override
  public String name() {
    return "config";
  }

  @Override
  public void run(Invocation call) throws IOException {
    boolean unset = call.flag("unset");
    Optional<String> value = call.value("value");
    if (call.flag("show-origin") && (value.isPresent() || unset)) {
      throw together("--show-origin", "-u/--unset, value");
    }
    if (call.flag("list")) {
      if (call.has("name") || unset) {
        throw together("-l/--list", "-u/--unset, name, value");
      }
      list(call);
      return;
    }
    if (!call.has("name")) {
      throw new CommandFailure(
          "name argument is required", "see config --help", CommandFailure.FAILED);
    }
    Name name = parse(call.required("name"));
    if (value.isEmpty() && !unset) {
      show(call, name);
      return;
    }
    change(call, name, value);
  }

  private static CommandFailure together(String option, String others) {
    return new CommandFailure(
        option + " can't be used together with any of these options: " + others,
        "leave one out",
        CommandFailure.FAILED);
  }

  private static Name parse(String text) throws CommandFailure {
    Matcher matcher = NAME.matcher(text);
    if (!matcher.matches()) {
      throw new CommandFailure(
          "argument name: name argument should look like remote.name.option or db.name.option or"
              + " section.option",
          "see config --help",
          CommandFailure.USAGE);
    }
    String top = matcher.group("top") == null ? "" : matcher.group("top");
    String section = matcher.group("section").toLowerCase(Locale.ROOT);
    return new Name(
        top.isEmpty() ? "section" : top.substring(0, top.length() - 1),
        top + section,
        matcher.group("option").toLowerCase(Locale.ROOT));
  }

  private static void list(Invocation call) throws IOException {
    Levels levels = Levels.of(call);
    Map<String, String> all = new LinkedHashMap<>();
    for (ConfigLevel level : levels.read()) {
      String prefix = call.flag("show-origin") ? levels.origin(level) + "\t" : "";
      levels
          .shown(level)
          .forEach(
              (section, values) ->
                  values.forEach(
                      (key, value) -> {
                        call.out(prefix + section + "." + key + "=" + value);
                        all.put(section + "." + key, value);
                      }));
    }
    call.result(all);
  }

  private static void show(Invocation call, Name name) throws IOException {
    Levels levels = Levels.of(call);
    for (ConfigLevel level : levels.read().reversed()) {
      Map<String, Map<String, String>> sections = levels.shown(level);
      String value = sections.getOrDefault(name.section(), Map.of()).get(name.key());
      if (value != null) {
        call.out((call.flag("show-origin") ? levels.origin(level) + "\t" : "") + value);
        call.result(value);
        return;
      }
      if (levels.given().isPresent()) {
        check(sections, name);
      }
    }
  }

  private static void check(Map<String, Map<String, String>> sections, Name name)
      throws CommandFailure {
    if (!sections.containsKey(name.section()) && !name.kind().equals("section")) {
      throw Levels.wrong(
          "%s '%s' doesn't exist".formatted(name.kind(), name.shortSection()),
          "see the names: config --list");
    }
    if (!sections.getOrDefault(name.section(), Map.of()).containsKey(name.key())) {
      throw Levels.wrong(
          "option '%s' doesn't exist in %s '%s'"
              .formatted(name.key(), name.kind(), name.shortSection()),
          "see the names: config --list");
    }
  }

  private static void change(Invocation call, Name name, Optional<String> value)
      throws IOException {
    ConfigEdit edit = Levels.of(call).edit();
    if (value.isPresent()) {
      edit.set(name.section(), name.key(), value.get(), call.directory());
    } else {
      check(edit.sections(), name);
      edit.remove(name.section(), name.key());
    }
    edit.save(call.umask());
    if (name.section().equals("cache") && name.key().equals("type")) {
      call.warn(
          "WARNING: files that are in the work tree already stay linked as they are; to change"
              + " that: dvc checkout --relink");
    }
  }
}

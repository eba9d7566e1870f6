package io.revfs.command;

import java.util.Collection;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/** All commands by name. Immutable. */
public final class Commands {
  private final Map<String, Command> byName = new TreeMap<>();

  /**
   * @throws IllegalArgumentException if two have the same name
   */
  public Commands(Collection<? extends Command> commands) {
    for (Command command : commands) {
      if (byName.put(command.name(), command) != null) {
        throw new IllegalArgumentException("two commands '" + command.name() + "'");
      }
    }
  }

  /** Returns the command of a name. */
  public Optional<Command> named(String name) {
    return Optional.ofNullable(byName.get(name));
  }

  /** Returns the names, sorted. */
  public Set<String> names() {
    return java.util.Collections.unmodifiableSet(byName.keySet());
  }
}

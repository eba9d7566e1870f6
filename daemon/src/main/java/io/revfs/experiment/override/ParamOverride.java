package io.revfs.experiment.override;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * One override: {@code key=value}, {@code +key=value}, {@code ++key=value}, {@code ~key}.
 *
 * @param text as it was typed
 * @param key dotted, or with slashes where it names a group of configurations
 * @param value absent where none was given
 */
public record ParamOverride(String text, Kind kind, String key, Optional<Value> value) {
  /** What it does. */
  public enum Kind {
    /** Changes what is there. */
    CHANGE(""),
    /** Adds what is not there. */
    ADD("+"),
    /** Adds or changes. */
    FORCE_ADD("++"),
    /** Takes out. */
    DELETE("~");

    private final String sign;

    Kind(String sign) {
      this.sign = sign;
    }
  }

  /** What stands at the right. */
  public sealed interface Value {
    /** One value; plain: map, list, text, number, boolean, null. */
    record Single(@Nullable Object value) implements Value {}

    /** Several, each for an experiment of its own. */
    record Sweep(List<@Nullable Object> values) implements Value {}
  }

  /** Returns whether it stands for several experiments. */
  public boolean isSweep() {
    return value.isPresent() && value.get() instanceof Value.Sweep;
  }

  /** Returns its single value; null for none. */
  @Nullable Object single() {
    return value.isPresent() && value.get() instanceof Value.Single one ? one.value() : null;
  }

  /** Returns the overrides that a sweep stands for, in order; itself if it is none. */
  List<String> each() {
    if (value.isEmpty() || !(value.get() instanceof Value.Sweep sweep)) {
      return List.of(text);
    }
    List<String> each = new ArrayList<>();
    for (Object one : sweep.values()) {
      each.add(kind.sign + key + "=" + OverrideText.of(one));
    }
    return each;
  }
}

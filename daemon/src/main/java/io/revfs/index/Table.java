package io.revfs.index;

import java.nio.ByteBuffer;
import org.lmdbjava.Dbi;

/** A named table of an {@link Index}; keys are ordered as unsigned bytes. */
public final class Table {
  private final String name;
  private final Dbi<ByteBuffer> dbi;

  Table(String name, Dbi<ByteBuffer> dbi) {
    this.name = name;
    this.dbi = dbi;
  }

  Dbi<ByteBuffer> dbi() {
    return dbi;
  }

  @Override
  public String toString() {
    return name;
  }
}

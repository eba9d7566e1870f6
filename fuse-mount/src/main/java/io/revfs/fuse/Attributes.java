package io.revfs.fuse;

/**
 * What {@code stat} shows of a node.
 *
 * @param node the node's number
 * @param kind what it is
 * @param permissions the lower 12 bits of the mode
 * @param size in bytes; of a symbolic link the length of its target
 * @param modifiedSeconds all its times, in seconds since the epoch
 */
public record Attributes(
    long node, FileKind kind, int permissions, long size, long modifiedSeconds) {
  public Attributes {
    if (node <= 0 || size < 0 || (permissions & ~07777) != 0) {
      throw new IllegalArgumentException(
          "node %d, size %d, permissions %o".formatted(node, size, permissions));
    }
  }
}

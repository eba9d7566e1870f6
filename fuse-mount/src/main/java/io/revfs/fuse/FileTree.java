package io.revfs.fuse;

import java.util.List;

/**
 * What a mount shows: a read-only tree of nodes (inodes), addressed by number.
 *
 * <p>Nodes are positive numbers chosen by the implementation; {@link #ROOT} is the mount's root. A
 * number means the same file for as long as the tree lives, also after a restart of the process, so
 * a session may outlive the process that began it. Names are file names as {@link FileNames}
 * decodes them: any bytes but {@code /} and NUL survive.
 *
 * <p>Implementations are thread-safe. No method blocks on anything slow (a network, another
 * process) unless {@link RequestContext#mayBlock()}; where it would have to, it throws {@link
 * SlowAnswerException}, and the session asks again from a thread that may wait. Each method fails
 * with {@link FuseException} only; its {@link Errno} is what the caller in the kernel sees. An I/O
 * failure is never shown as absence or emptiness.
 */
public interface FileTree {
  /** The node of the mount's root directory. */
  long ROOT = 1;

  /**
   * Returns the attributes of the entry {@code name} of directory {@code parent}. Counts as one
   * reference to the node found, until {@link #forget} gives it back.
   *
   * @throws FuseException ENOENT when there is no such entry, ENOTDIR when {@code parent} is none
   */
  Attributes lookup(RequestContext context, long parent, String name) throws FuseException;

  /** Returns the attributes of a node; ESTALE when the number means nothing. */
  Attributes attributes(RequestContext context, long node) throws FuseException;

  /**
   * Returns the target of a symbolic link; EINVAL when the node is none. A node's target never
   * changes, since the kernel may keep it: a link that points elsewhere is another node.
   */
  String readLink(RequestContext context, long node) throws FuseException;

  /** Opens a directory for listing; the caller closes it. ENOTDIR when the node is none. */
  DirectoryListing openDirectory(RequestContext context, long node) throws FuseException;

  /** Opens a regular file for reading; the caller closes it. EISDIR for a directory. */
  OpenFile open(RequestContext context, long node) throws FuseException;

  /** Returns the names of a node's extended attributes. */
  List<String> extendedAttributeNames(RequestContext context, long node) throws FuseException;

  /** Returns the value of one extended attribute; ENODATA when the node has no such one. */
  byte[] extendedAttribute(RequestContext context, long node, String name) throws FuseException;

  /** Returns sizes for {@code statfs}; never slow. */
  FileSystemStatistics statistics(RequestContext context) throws FuseException;

  /** Gives back {@code references} that lookups took. Never fails. */
  void forget(long node, long references);

  /**
   * Returns how long the kernel may take a name of directory {@code parent} for the node that a
   * lookup found, in seconds; 0: it asks each time. For immutable directories it is large.
   */
  double nameSeconds(long parent);

  /**
   * Returns how long the kernel may keep a node's attributes, and with them a directory's listing
   * or a file's bytes, in seconds; 0: it asks each time. What changes shows another time of
   * modification.
   */
  double attributeSeconds(long node);

  /**
   * Returns how long the kernel may take a name that {@link #lookup} did not find in directory
   * {@code parent} for absent, in seconds; 0, the default: not at all.
   */
  default double absenceSeconds(long parent) {
    return 0;
  }

  /**
   * Returns whether somebody hears at this moment what is done: then the session looks up nothing
   * but what it is asked for, and lists nothing ahead.
   */
  default boolean isHeard() {
    return false;
  }

  /** Gives back all references: the session is over. Never fails. */
  default void forgetAll() {}
}

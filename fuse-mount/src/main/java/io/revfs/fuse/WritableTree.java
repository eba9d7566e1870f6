package io.revfs.fuse;

import java.util.List;

/**
 * A tree that can be changed through its mount. To the contract of {@link FileTree} adds:
 *
 * <p>The kernel checks permissions by the attributes shown, so implementations do what they are
 * asked for. What is created belongs to the {@link RequestContext}'s user and group; modes come
 * with the caller's umask taken off. Each change is complete when its call returns, and is seen by
 * all that is asked for afterwards. What was unlinked while it is open goes on working.
 *
 * <p>A request may come a second time when this process follows one that was killed; then {@link
 * RequestContext} does not say so, but the session takes "it is there already" and "it is not there
 * any more" for done where that can only be the first try's work.
 *
 * <p>{@link #open(RequestContext, long, int, boolean)} may answer ESTALE: the kernel looks the name
 * up again and opens what it finds then. That is how a node that stands for something immutable
 * gives way to one that can be written.
 */
public interface WritableTree extends FileTree {
  /** {@code O_ACCMODE}: the flags that say whether to read, to write or both. */
  int ACCESS_MODE = 3;

  /** {@code O_RDONLY}. */
  int READ_ONLY = 0;

  /** {@code O_RDWR}. */
  int READ_WRITE = 2;

  /** {@code O_EXCL}. */
  int EXCLUSIVE = 0200;

  /** {@code O_TRUNC}. */
  int TRUNCATE = 01000;

  /** The kernel's own flag of an open whose file is to be executed ({@code FMODE_EXEC}). */
  int EXECUTE = 0x20;

  /** A file that was created and opened. */
  record Created(Attributes attributes, OpenFile file) {}

  /**
   * Returns the names that lead to a node from the root; empty of the root itself.
   *
   * @throws FuseException ENOENT if it has no name any more, ESTALE if it is not known
   */
  List<String> path(long node) throws FuseException;

  /**
   * Opens a regular file as open(2)'s {@code flags} say (asm-generic/fcntl.h: access mode and
   * {@link #TRUNCATE}; others, among them {@link #EXECUTE}, are the kernel's to obey). {@code
   * dropsRights}: set-id bits go.
   */
  OpenFile open(RequestContext context, long node, int flags, boolean dropsRights)
      throws FuseException;

  /** Returns whether lookups' references to a node are left, or that is not known. Never fails. */
  default boolean isReferenced(long node) {
    return true;
  }

  @Override
  default OpenFile open(RequestContext context, long node) throws FuseException {
    return open(context, node, READ_ONLY, false);
  }

  /**
   * Creates a regular file and opens it. Counts as a lookup. A file that is there already is opened
   * unless {@code flags} have {@link #EXCLUSIVE}.
   */
  Created create(RequestContext context, long parent, String name, int flags, int mode)
      throws FuseException;

  /** Creates a file in the directory {@code parent} that has no name yet, and opens it. */
  Created createNameless(RequestContext context, long parent, int flags, int mode)
      throws FuseException;

  /**
   * Makes a file, pipe, socket or device; counts as a lookup.
   *
   * @param mode with the type's bits
   * @param device of a device, as the kernel encodes it in 32 bits
   */
  Attributes makeNode(RequestContext context, long parent, String name, int mode, int device)
      throws FuseException;

  /** Makes a directory; counts as a lookup. */
  Attributes makeDirectory(RequestContext context, long parent, String name, int mode)
      throws FuseException;

  /** Makes a symbolic link; counts as a lookup. */
  Attributes makeSymbolicLink(RequestContext context, long parent, String name, String target)
      throws FuseException;

  /** Gives a file another name; counts as a lookup. */
  Attributes link(RequestContext context, long node, long parent, String name) throws FuseException;

  /** Takes a name away from what is no directory. */
  void unlink(RequestContext context, long parent, String name) throws FuseException;

  /** Removes an empty directory. */
  void removeDirectory(RequestContext context, long parent, String name) throws FuseException;

  /** Renames; {@code flags} are those of renameat2(2). */
  void rename(
      RequestContext context, long parent, String name, long newParent, String newName, int flags)
      throws FuseException;

  /** Changes attributes; returns those that a node has then. */
  Attributes change(RequestContext context, long node, AttributeChange change) throws FuseException;

  /** Sets an extended attribute; {@code flags} are those of setxattr(2). */
  void setExtendedAttribute(RequestContext context, long node, String name, byte[] value, int flags)
      throws FuseException;

  /** Removes an extended attribute. */
  void removeExtendedAttribute(RequestContext context, long node, String name) throws FuseException;

  /** Makes a directory's names durable. */
  void synchronizeDirectory(RequestContext context, long node) throws FuseException;

  /**
   * An open file is being closed by its owner, who waits for this. Told once for each close(2) of
   * each descriptor of a file that {@linkplain OpenFile.Local#tellsOfClose wants it}.
   */
  void flushed(RequestContext context, long node, OpenFile.Local file) throws FuseException;
}

package io.revfs.fuse.heard;

/** What a caller did with a path, as an {@link AccessListener} hears of it. */
public enum Access {
  /** A name was found, or its attributes were asked for. */
  STATTED,
  /** A name was looked up and is not there. */
  ABSENT,
  /** A directory was opened, and so may have been listed. */
  LISTED,
  /** The target of a symbolic link was read. */
  LINK_READ,
  /** A file was opened and may be read; its bytes may go by without further notice. */
  OPENED_FOR_READING,
  /** A file was opened and may be written; its bytes may go by without further notice. */
  OPENED_FOR_WRITING,
  /** A file was opened to be executed (the kernel's {@code FMODE_EXEC}). */
  EXECUTED,
  /** A file, directory, link or other node came to be under a name that was free before. */
  CREATED,
  /** A file's size was set, also by opening it with {@code O_TRUNC}. */
  TRUNCATED,
  /** A name was taken away: a file's or an empty directory's. */
  DELETED,
  /** A node got another name, and what had that one before is gone. */
  RENAMED,
  /** Two names were exchanged. */
  EXCHANGED,
  /** A file got one more name. */
  LINKED,
  /** Mode, owner, times or extended attributes were set. */
  ATTRIBUTES,
  /** A file that may have been written was closed by the last who had it open. */
  CLOSED
}

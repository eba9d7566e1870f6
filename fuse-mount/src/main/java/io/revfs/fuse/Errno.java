package io.revfs.fuse;

/** Linux's error numbers (asm-generic/errno-base.h, errno.h) that trees answer with. */
public enum Errno {
  EPERM(1),
  ENOENT(2),
  EINTR(4),
  EIO(5),
  ENXIO(6),
  E2BIG(7),
  EBADF(9),
  EAGAIN(11),
  ENOMEM(12),
  EACCES(13),
  EBUSY(16),
  EEXIST(17),
  EXDEV(18),
  ENODEV(19),
  ENOTDIR(20),
  EISDIR(21),
  EINVAL(22),
  ENFILE(23),
  EMFILE(24),
  ENOTTY(25),
  ETXTBSY(26),
  EFBIG(27),
  ENOSPC(28),
  ESPIPE(29),
  EROFS(30),
  EMLINK(31),
  ERANGE(34),
  ENAMETOOLONG(36),
  ENOSYS(38),
  ENOTEMPTY(39),
  ELOOP(40),
  ENODATA(61),
  EOVERFLOW(75),
  EOPNOTSUPP(95),
  ETIMEDOUT(110),
  ESTALE(116),
  EDQUOT(122);

  private static final Errno[] ALL = values();

  private final int number;

  Errno(int number) {
    this.number = number;
  }

  /** Returns the positive error number. */
  public int number() {
    return number;
  }

  /** Returns the constant of a positive number; {@link #EIO} for what is not among them. */
  public static Errno of(int number) {
    for (Errno errno : ALL) {
      if (errno.number == number) {
        return errno;
      }
    }
    return EIO;
  }
}

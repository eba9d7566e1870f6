package io.revfs.fuse;

/** Linux's error numbers (asm-generic/errno-base.h, errno.h) that a read-only tree answers with. */
public enum Errno {
  EPERM(1),
  ENOENT(2),
  EINTR(4),
  EIO(5),
  EBADF(9),
  EAGAIN(11),
  ENOMEM(12),
  EACCES(13),
  EBUSY(16),
  EEXIST(17),
  EXDEV(18),
  ENOTDIR(20),
  EISDIR(21),
  EINVAL(22),
  EFBIG(27),
  ENOSPC(28),
  EROFS(30),
  ERANGE(34),
  ENAMETOOLONG(36),
  ENOSYS(38),
  ENOTEMPTY(39),
  ELOOP(40),
  ENODATA(61),
  EOPNOTSUPP(95),
  ETIMEDOUT(110),
  ESTALE(116);

  private final int number;

  Errno(int number) {
    this.number = number;
  }

  /** Returns the positive error number. */
  public int number() {
    return number;
  }
}
